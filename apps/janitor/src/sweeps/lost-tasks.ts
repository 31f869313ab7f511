import type { ResumeDueTask } from '#tasks';
import type { Sweep, SweepResult } from '../sweep.js';
import { untilNoneIsLeft } from './until-none-is-left.js';

/**
 * Resumes lost and released tasks elsewhere, or records on the task why it is not resumed yet, or no longer.
 */
export class LostTasksSweep implements Sweep {
  readonly name = 'lost-tasks';

  constructor(
    readonly everySeconds: number,
    private readonly maxResumes: number,
    private readonly resume: ResumeDueTask,
  ) {}

  run(signal: AbortSignal): Promise<SweepResult> {
    return untilNoneIsLeft(signal, () => this.resume.next(this.maxResumes));
  }
}
