import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { plainGit } from './plain-git.js';

const gzipped = promisify(gzip);

/**
 * What the reference does at a heartbeat, command by command and one after another: commit everything, then
 * store the difference from the commit before. It would also push; a network is not what is measured here.
 *
 * @returns the compressed patch
 */
export async function captureLikeTheReference(worktreeDir: string): Promise<Buffer> {
  const parentSha = (await plainGit(worktreeDir, ['rev-parse', 'HEAD'])).toString().trim();
  await plainGit(worktreeDir, ['status', '--porcelain']);
  await plainGit(worktreeDir, ['add', '-A']);
  await plainGit(worktreeDir, ['commit', '-m', '[WIP] Heartbeat checkpoint']);
  await plainGit(worktreeDir, ['rev-parse', 'HEAD']);
  await plainGit(worktreeDir, ['branch', '--show-current']);
  const diff = await plainGit(worktreeDir, ['diff', parentSha, 'HEAD', '--binary']);
  await plainGit(worktreeDir, ['diff', parentSha, 'HEAD', '--name-only']);
  return gzipped(diff);
}
