import { Logger } from '@nestjs/common';
import { ContractError, decode, SpawnTask, type ErrorCode } from '#contracts';
import {
  CONSUMERS,
  handleAndSettle,
  type ConsumedMessage,
  type ConsumerKey,
  type SettledAs,
} from '#messaging';
import type { Claim } from './claim-again.js';
import type { TaskRuns } from './task-runs.js';

/** How long one pull waits at the server for a message. */
const PULL_EXPIRES_MILLISECONDS = 20_000;

/** Refusals that say that the attempt was spawned, and runs or ran elsewhere. */
const TAKEN: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['ATTEMPT_SUPERSEDED', 'TASK_ALREADY_CLAIMED']);

const SPAWN_CONSUMERS: readonly ConsumerKey[] = [CONSUMERS.daemonSpawnTask, CONSUMERS.poolSpawnTask];

export interface SpawnSource {
  /**
   * One message, or null when none came in time, the signal ended the wait, or NATS is away. Does not throw.
   */
  next(
    consumer: ConsumerKey,
    options: { signal: AbortSignal; expiresMilliseconds: number },
  ): Promise<ConsumedMessage | null>;
}

/**
 * Takes orders to run tasks, from this daemon's own queue and its pool's, only while there is a free slot:
 * what is not taken stays for a daemon that has room. An order is acknowledged when it is claimed and on this
 * daemon's disk, or when it can never be carried out; else it comes again.
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
  ) {}

  start(): void {
    this.loop ??= this.takeUntilStopped();
  }

  /** A task ended: there may be room again. */
  wake(): void {
    this.slotFreed();
  }

  /** No order is taken after this resolves. May be called twice. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake();
    await this.loop;
  }

  /** Neither a pull nor a settlement throws: messaging waits, heals and logs by itself. */
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

  /** Waits at both queues at once. If both bring an order, the second goes back for somebody else. */
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
      deadLetter: async ({ error }) => {
        this.logger.warn({ msg: 'an order is dropped', code: error.code, reason: error.message });
      },
    });
    this.tellFailures(settled);
  }

  /** One line when orders cannot be taken on, one when they can again. */
  private tellFailures({ as, error }: { as: SettledAs; error?: unknown }): void {
    const isFailing = as === 'retried';
    if (isFailing && !this.isFailing) {
      this.logger.warn({ msg: 'orders to run tasks wait', err: error });
    } else if (!isFailing && this.isFailing) {
      this.logger.log({ msg: 'orders to run tasks are taken on again' });
    }
    this.isFailing = isFailing;
  }

  private async takeOn(spawn: SpawnTask): Promise<void> {
    const decision = this.runs.decide(spawn);
    const { taskId, attempt } = spawn;
    if (decision === 'repetition') {
      this.logger.log({ msg: 'this attempt was taken on before', taskId, attempt });
      return;
    }
    await this.claimOrLearn(spawn);
    if (decision === 'refuse') {
      await this.runs.refuse(
        spawn,
        `TASK_ALREADY_RUNNING: task ${taskId} runs on this daemon in an earlier attempt.`,
      );
      return;
    }
    if (decision === 'replace') {
      await this.runs.stop(taskId, this.runs.runningAttempt(taskId)!, `resumed as attempt ${attempt}`);
    }
    await this.runs.start(spawn);
  }

  /** Somebody else has this attempt, or a later one: an older one must not run on here. */
  private async claimOrLearn({ taskId, attempt }: SpawnTask): Promise<void> {
    try {
      await this.claim(taskId, attempt);
    } catch (error) {
      const isTaken = error instanceof ContractError && TAKEN.has(error.code);
      if (isTaken) await this.runs.stop(taskId, attempt, `Attempt ${attempt} or a later one has taken over.`);
      throw error;
    }
  }
}
