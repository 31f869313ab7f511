import { usageError } from '../errors/cli-error.js';

/** `TASK` or `TASK@N`, as it is typed. */
export interface TaskReference {
  /** An id, a part of one, or a name. */
  task: string;
  checkpointNumber: number | undefined;
}

/**
 * Pure. A name may contain an `@`: only a number after the last one is a checkpoint.
 *
 * @throws CliError for `TASK@` followed by anything but a positive integer
 */
export function parseTaskReference(text: string): TaskReference {
  const at = text.lastIndexOf('@');
  if (at === -1) return { task: text, checkpointNumber: undefined };
  const number = text.slice(at + 1);
  if (/^[1-9]\d{0,8}$/.test(number)) return { task: text.slice(0, at), checkpointNumber: Number(number) };
  if (/^\d*$/.test(number)) {
    throw usageError(`"${text}" names no checkpoint: its number, from 1 up, must follow the @.`);
  }
  return { task: text, checkpointNumber: undefined };
}
