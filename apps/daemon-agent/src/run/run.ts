import type { SpawnTask } from '#contracts';
import type { CaptureOrder, CaptureOutcome } from '../capture/capture-checkpoint.js';

/** Why and how an attempt ends before its time. */
export type StopOrder =
  /** For good, until somebody resumes it. */
  | { ending: 'stopped'; reason: string }
  /**
   * The daemon itself stops: the task goes on elsewhere, or here later. Told when the last capture is stored,
   * so that whoever goes on has it, or at `confirmUntil` (milliseconds since 1970).
   */
  | { ending: 'released'; reason: string; confirmUntil: number };

/** One attempt of one task on this daemon: an agent that runs, or a worktree that is watched. */
export interface Run {
  readonly spawn: SpawnTask;
  /** Resolves when the attempt has ended and its end is on its way; never rejects. */
  run(): Promise<void>;
  /** Captures the worktree, after any capture of it that is under way. */
  capture(order: CaptureOrder): Promise<CaptureOutcome>;
  /** Ends it, with a last capture and a report. Resolves when both are on disk. May be called twice. */
  stop(order: StopOrder): Promise<void>;
}
