import { join } from 'node:path';
import { NO_PROJECT_FILE, parseProjectFile, type ProjectFile } from './parse-project-file.js';
import { readOwnFile } from './read-own-file.js';

/** In the top folder of a worktree: what Patchpoint should know of the repository. */
export const PROJECT_FILE = '.patchpoint.json';

/** The worktree's `.patchpoint.json`; null where there is none. Never throws: nothing depends on it. */
export async function readProjectFile(worktreeDir: string): Promise<ProjectFile | null> {
  const bytes = await readOwnFile(join(worktreeDir, PROJECT_FILE));
  if (bytes === null) return null;
  if (bytes === 'unusable') return { ...NO_PROJECT_FILE, problems: [UNUSABLE] };
  return parseProjectFile(bytes);
}

export const UNUSABLE = 'it is no regular file of at most 1 MiB that can be read; replace it with one';
