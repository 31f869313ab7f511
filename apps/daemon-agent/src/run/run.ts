import type { Attempt } from './attempt.js';

/** Why and how an attempt ends before its time. */
export type StopOrder =
  /** For good; it can still be resumed on request. */
  | { ending: 'stopped'; reason: string }
  /**
   * The daemon itself stops: the task continues elsewhere, or here later. Reported when the last capture is
   * stored, so that whoever continues it has that capture, or at `confirmUntil` (milliseconds since 1970).
   */
  | { ending: 'released'; reason: string; confirmUntil: number };

/** The work of an attempt: an agent runs, or a worktree is watched. */
export interface Run {
  readonly attempt: Attempt;
  /** Called once. Resolves when the attempt has ended, with its end reported; never rejects. */
  execute(): Promise<void>;
  /** Ends it early, with a last capture and a report: `execute` resolves after both. May be called twice. */
  stop(order: StopOrder): void;
}
