import { readFile, rm } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';

/**
 * The entry that a mirror has of a linked worktree, as versions before ADR 14 made them: a folder below the
 * mirror's `worktrees`. Null where there is none, also when the entry is another worktree's, whatever an
 * agent wrote into its `.git` file.
 */
export async function findLinkedEntry(worktreeDir: string): Promise<string | null> {
  const pointer = await readText(join(worktreeDir, '.git'));
  const entryDir = /^gitdir: (.+)\n$/.exec(pointer ?? '')?.[1];
  if (entryDir === undefined || !isAbsolute(entryDir)) return null;
  if (basename(dirname(entryDir)) !== 'worktrees') return null;
  const back = await readText(join(entryDir, 'gitdir'));
  return back === `${join(worktreeDir, '.git')}\n` ? entryDir : null;
}

/** Forgets one linked worktree that was removed; never `git worktree prune`, which forgets moved ones too. */
export async function forgetLinkedEntry(entryDir: string): Promise<void> {
  await rm(entryDir, { recursive: true, force: true });
}

async function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}
