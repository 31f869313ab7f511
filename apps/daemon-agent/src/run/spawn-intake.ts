import { Logger } from '@nestjs/common';
import { ContractError, decode, SpawnTask, type ErrorCode } from '#contracts';
import {
  CONSUMERS,
  handleAndSettle,
  type ConsumedMessage,
  type ConsumerKey,
  type Poison,
  type SettledAs,
} from '#messaging';
import type { Claim } from './claim-again.js';
import type { InvalidSpawns } from './invalid-spawns.js';
import type { TaskRuns } from './task-runs.js';

/** How long one pull request waits on the server for a message. */
const PULL_EXPIRES_MILLISECONDS = 20_000;

/** Refusals that mean that the attempt runs or ran elsewhere. */
const TAKEN: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['ATTEMPT_SUPERSEDED', 'TASK_ALREADY_CLAIMED']);

const SPAWN_CONSUMERS: readonly ConsumerKey[] = [CONSUMERS.daemonSpawnTask, CONSUMERS.poolSpawnTask];

/** patch-store does not grant the attempt to this daemon. */
class ClaimRefused extends ContractError {
  constructor(cause: ContractError) {
    super(cause.code, cause.message, cause.path, { cause });
  }
}

export interface SpawnSource {
  /**
   * One message, or null if none came in time, the signal ended the wait, or NATS is unreachable. Does not
   * throw.
   */
  next(
    consumer: ConsumerKey,
    options: { signal: AbortSignal; expiresMilliseconds: number },
  ): Promise<ConsumedMessage | null>;
}

/**
 * Takes orders to run tasks, from this daemon's own queue and its pool's, only while there is a free slot:
 * the others stay for a daemon that has one. An order is acknowledged when it is claimed and on this daemon's
 * disk, or when it can never be executed; otherwise it is redelivered.
 */
export class SpawnIntake {
  private readonly logger = new Logger(SpawnIntake.name);
  private readonly stopping = new AbortController();
  private isFailing = false;
  private slotFreed: () => void = () => undefined;
  private loop: Promise<void> | undefined;

  constructor(
    private readonly source: SpawnSource,
    private readonly runs: TaskRuns,
    private readonly claim: Claim,
    private readonly invalid: InvalidSpawns,
  ) {}

  start(): void {
    this.loop ??= this.takeUntilStopped();
  }

  /** A task ended: a slot may be free again. */
  wake(): void {
    this.slotFreed();
  }

  /** No order is taken after this resolves. May be called twice. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake();
    await this.loop;
  }

  /** Neither a pull nor a settlement throws: libs/messaging waits, recovers and logs. */
  private async takeUntilStopped(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await this.untilSlotIsFree();
      await this.takeOne();
    }
  }

  private async untilSlotIsFree(): Promise<void> {
    while (this.runs.freeSlots() <= 0 && !this.stopping.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.slotFreed = resolve;
      });
    }
  }

  /**
   * Waits on both queues at once. If both deliver an order, the second one is returned for another daemon.
   */
  private async takeOne(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    const taken = new AbortController();
    const signal = AbortSignal.any([this.stopping.signal, taken.signal]);
    let first: ConsumedMessage | undefined;
    await Promise.all(
      SPAWN_CONSUMERS.map(async (consumer) => {
        const message = await this.source.next(consumer, {
          signal,
          expiresMilliseconds: PULL_EXPIRES_MILLISECONDS,
        });
        if (message === null) return;
        if (first !== undefined || this.stopping.signal.aborted) return message.retry();
        first = message;
        taken.abort();
      }),
    );
    if (first !== undefined) await this.execute(first);
  }

  private async execute(message: ConsumedMessage): Promise<void> {
    const settled = await handleAndSettle(message, {
      handle: ({ data }) => this.takeOn(decode(SpawnTask, data)),
      deadLetter: (poison) => this.giveUp(poison),
    });
    this.logFailures(settled);
  }

  private async giveUp(poison: Poison): Promise<void> {
    const { code, message } = poison.error;
    // The claim was refused: another daemon has the attempt, or nobody is to have it.
    if (poison.error instanceof ClaimRefused) {
      this.logger.warn({ msg: 'dropped an order', code, reason: message });
      return;
    }
    await this.invalid.giveUp(poison);
  }

  /** Logs once that orders cannot be accepted, and once that they can be again. */
  private logFailures({ as, error }: { as: SettledAs; error?: unknown }): void {
    const isFailing = as === 'retried';
    if (isFailing && !this.isFailing) {
      this.logger.warn({
        msg: 'orders to run tasks cannot be accepted; they will be redelivered',
        err: error,
      });
    } else if (!isFailing && this.isFailing) {
      this.logger.log({ msg: 'orders to run tasks are accepted again' });
    }
    this.isFailing = isFailing;
  }

  private async takeOn(spawn: SpawnTask): Promise<void> {
    const decision = this.runs.decide(spawn);
    const { taskId, attempt } = spawn;
    if (decision === 'repetition') {
      this.logger.log({ msg: 'this attempt was already accepted', taskId, attempt });
      return;
    }
    await this.claimOrLearn(spawn);
    if (decision === 'refuse') {
      await this.runs.refuse(
        spawn,
        `TASK_ALREADY_RUNNING: an earlier attempt of task ${taskId} is running on this daemon.`,
      );
      return;
    }
    if (decision === 'replace') {
      await this.runs.stop(taskId, this.runs.runningAttempt(taskId)!, `resumed as attempt ${attempt}`);
    }
    await this.runs.start(spawn);
  }

  /** Another daemon has this attempt or a later one: an older one must not continue here. */
  private async claimOrLearn({ taskId, attempt }: SpawnTask): Promise<void> {
    try {
      await this.claim(taskId, attempt);
    } catch (error) {
      const isTaken = error instanceof ContractError && TAKEN.has(error.code);
      if (isTaken) await this.runs.stop(taskId, attempt, `Attempt ${attempt} or a later one has taken over.`);
      throw error instanceof ContractError ? new ClaimRefused(error) : error;
    }
  }
}
