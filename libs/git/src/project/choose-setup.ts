import type { ProjectFile } from './parse-project-file.js';

/**
 * Pure: the command that runs in a worktree before its agent. What the task says outranks the repository; an
 * empty one is none.
 *
 * @param ofTask null or undefined: it says nothing
 */
export function chooseSetup(
  ofTask: string | null | undefined,
  project: Pick<ProjectFile, 'setup'> | null,
): string | null {
  const command = ofTask ?? project?.setup ?? '';
  return command.trim() === '' ? null : command;
}
