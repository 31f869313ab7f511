import { lockTaskOfDeadDaemon } from '#database';
import type { TaskSteps } from '#tasks';
import type { Sweep, SweepResult } from '../sweep.js';
import { untilNoneIsLeft } from './until-none-is-left.js';

/** Finds tasks whose daemon has been silent for too long, and marks each as lost. */
export class DeadDaemonsSweep implements Sweep {
  readonly name = 'dead-daemons';

  constructor(
    readonly everySeconds: number,
    private readonly daemonTimeoutSeconds: number,
    private readonly steps: TaskSteps,
  ) {}

  run(signal: AbortSignal): Promise<SweepResult> {
    return untilNoneIsLeft(signal, () => this.loseOne());
  }

  private async loseOne(): Promise<boolean> {
    const { daemonTimeoutSeconds } = this;
    const task = await this.steps.takeNext(
      (manager) => lockTaskOfDeadDaemon(manager, { daemonTimeoutSeconds }),
      ({ daemonId }) => ({
        input: {
          type: 'daemon-lost',
          daemonId: daemonId!,
          reason: `Daemon "${daemonId}" has been silent for ${daemonTimeoutSeconds} s or more.`,
        },
      }),
    );
    return task !== null;
  }
}
