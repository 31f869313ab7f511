import { findAttemptHolders, lockForgottenTask, lockUnclaimedSpawn, type SpawnTimeouts } from '#database';
import { chooseCheckpoint, type DaemonRegistry, type TaskSteps } from '#tasks';
import type { Sweep, SweepResult } from '../sweep.js';
import { untilNoneIsLeft } from './until-none-is-left.js';

/**
 * A claimed attempt may clone and restore for long; a daemon that is at it says so. This is for one that does
 * not.
 */
const CLAIM_PATIENCE = 5;

/**
 * Sends spawns out again whose order was lost on its way, and gives attempts up as lost that a living daemon
 * claimed or ran, and does not know of any more.
 */
export class StuckSpawnsSweep implements Sweep {
  readonly name = 'stuck-spawns';

  constructor(
    readonly everySeconds: number,
    private readonly timeouts: SpawnTimeouts,
    private readonly steps: TaskSteps,
    private readonly daemons: DaemonRegistry,
  ) {}

  async run(signal: AbortSignal): Promise<SweepResult> {
    const unclaimed = await untilNoneIsLeft(signal, () => this.spawnOneAgain());
    const forgotten = await untilNoneIsLeft(signal, () => this.loseOneForgotten());
    return { swept: unclaimed.swept + forgotten.swept };
  }

  private async spawnOneAgain(): Promise<boolean> {
    const task = await this.steps.takeNext(
      (manager) => lockUnclaimedSpawn(manager, this.timeouts),
      async ({ id, requestedDaemonId, stateReason }, manager) => {
        const requested = requestedDaemonId && (await this.daemons.find(manager, requestedDaemonId));
        const wasBegun = (await findAttemptHolders(manager, [id])).length > 0;
        return {
          input: { type: 'unclaimed' },
          columns: {
            requestedDaemonId: requested && requested.isAlive ? requested.id : null,
            stateReason,
          },
          resume: wasBegun ? await chooseCheckpoint(manager, id) : null,
        };
      },
    );
    return task !== null;
  }

  private async loseOneForgotten(): Promise<boolean> {
    const { daemonTimeoutSeconds, spawnTimeoutSeconds } = this.timeouts;
    const claimTimeoutSeconds = CLAIM_PATIENCE * spawnTimeoutSeconds;
    const task = await this.steps.takeNext(
      (manager) => lockForgottenTask(manager, { claimTimeoutSeconds, daemonTimeoutSeconds }),
      ({ daemonId, attempt }) => ({
        input: {
          type: 'daemon-lost',
          daemonId: daemonId!,
          reason: `Daemon "${daemonId}" is alive and does not know of attempt ${attempt} any more.`,
        },
      }),
    );
    return task !== null;
  }
}
