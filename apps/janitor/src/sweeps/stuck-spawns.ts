import { findAttemptHolders, lockForgottenTask, lockUnclaimedSpawn, type SpawnTimeouts } from '#database';
import { chooseCheckpoint, type DaemonRegistry, type TaskSteps } from '#tasks';
import type { Sweep, SweepResult } from '../sweep.js';
import { untilNoneIsLeft } from './until-none-is-left.js';

/**
 * A claimed attempt may take long to clone and restore; its daemon reports that in its heartbeats. This limit
 * is for a daemon that does not.
 */
const CLAIM_PATIENCE = 5;

/**
 * Sends spawns again whose command was lost, and marks attempts as lost that a living daemon claimed or ran
 * but no longer knows.
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
      async ({ id, requestedDaemonId, stateReason, forkedFromTaskId }, manager) => {
        const requested = requestedDaemonId && (await this.daemons.find(manager, requestedDaemonId));
        const wasBegun = (await findAttemptHolders(manager, [id])).length > 0;
        return {
          input: { type: 'unclaimed' },
          columns: {
            requestedDaemonId: requested && requested.isAlive ? requested.id : null,
            stateReason,
          },
          resume: wasBegun || forkedFromTaskId !== null ? await chooseCheckpoint(manager, id) : null,
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
          reason: `Daemon "${daemonId}" is alive but no longer knows attempt ${attempt}.`,
        },
      }),
    );
    return task !== null;
  }
}
