import { Injectable, Logger } from '@nestjs/common';
import { lockTaskToResume, readResumeHistory, type Task } from '#database';
import type { EntityManager } from 'typeorm';
import { chooseCheckpoint } from './choose-checkpoint.js';
import { DaemonRegistry } from './daemon-registry.js';
import { noteResumed } from './note-resumed.js';
import { planResume } from '../decide/plan-resume.js';
import { TaskSteps, type TaskStep } from './task-steps.js';

/** Resumes tasks automatically. */
@Injectable()
export class ResumeDueTask {
  private readonly logger = new Logger(ResumeDueTask.name);

  constructor(
    private readonly steps: TaskSteps,
    private readonly daemons: DaemonRegistry,
  ) {}

  /**
   * Handles one lost or released task that is due: resumes it, postpones it, or gives it up (see
   * `planResume`). Any number of processes may call it concurrently.
   *
   * A request for a certain daemon is dropped: the new attempt is for any daemon of the pool, unless the
   * requested one is alive and has not just released the task.
   *
   * @returns false when no task was due
   */
  async next(maxResumes: number): Promise<boolean> {
    let resumed: TaskStep['resume'];
    const task = await this.steps.takeNext(lockTaskToResume, async (task, manager) => {
      const step = await this.prepare(manager, task, maxResumes);
      resumed = step.resume;
      return step;
    });
    if (task && resumed) noteResumed(this.logger, task, resumed.checkpoint, 'janitor');
    return task !== null;
  }

  private async prepare(manager: EntityManager, task: Task, maxResumes: number): Promise<TaskStep> {
    const living = (await this.daemons.list(manager)).filter(({ isAlive }) => isAlive);
    const wasReleasedByIt = task.state === 'released' && task.daemonId === task.requestedDaemonId;
    const keepsRequest = !wasReleasedByIt && living.some(({ id }) => id === task.requestedDaemonId);
    const plan = planResume({
      state: task.state as 'released' | 'lost',
      pool: task.pool,
      ...(await readResumeHistory(manager, task.id)),
      maxResumes,
      hasLivingDaemon: keepsRequest || living.some(({ pool }) => pool === task.pool),
    });
    if (plan.plan !== 'resume') return { input: { type: 'resume-due', plan } };

    const { checkpoint, loss } = await chooseCheckpoint(manager, task.id);
    return {
      input: { type: 'resume-due', plan },
      columns: { requestedDaemonId: keepsRequest ? task.requestedDaemonId : null, stateReason: loss },
      resume: { checkpoint },
    };
  }
}
