import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitError } from '../run/git-error.js';
import { requireRefName } from '../values/ref-name.js';
import { firstLine, runGit } from '../run/run-git.js';
import type { ObjectFormat } from '../values/sha.js';
import { parseSource } from '../values/source.js';

/**
 * Provides a git dir for talking to a repository's remote: the repository's objects and refs under our own
 * configuration.
 *
 * Anything that runs in a worktree can write to its repository's configuration, and a transport reads from it
 * which programs to start, which proxy to use and where a URL really points (`url.*.insteadOf` cannot be
 * overridden from the command line). Only the remote's URL is used, and checked.
 *
 * @throws GitError `BAD_URL` if there is no such remote, `CREDENTIALS_IN_URL`, `PROTOCOL_FORBIDDEN`
 */
export async function withNetworkGitDir<T>(
  repositoryDir: string,
  remoteName: string,
  talk: (gitDir: string, url: string) => Promise<T>,
): Promise<T> {
  requireRefName(remoteName, 'remoteName');
  const url = await readRemoteUrl(repositoryDir, remoteName);
  const objectFormat = await readObjectFormat(repositoryDir);
  const gitDir = await mkdtemp(join(tmpdir(), 'patchpoint-network-'));
  try {
    await writeFile(join(gitDir, 'HEAD'), 'ref: refs/heads/patchpoint-network\n');
    await writeFile(join(gitDir, 'config'), configuration(remoteName, url, objectFormat));
    for (const name of ['objects', 'refs', 'packed-refs', 'shallow']) {
      await symlink(join(repositoryDir, name), join(gitDir, name));
    }
    return await talk(gitDir, url);
  } finally {
    await rm(gitDir, { recursive: true, force: true });
  }
}

/**
 * The URL of a remote as the repository's own configuration has it, checked as one that a person gave.
 *
 * @throws GitError `BAD_URL` when there is no such remote, `CREDENTIALS_IN_URL`, `PROTOCOL_FORBIDDEN`
 */
export async function readRemoteUrl(repositoryDir: string, remoteName: string): Promise<string> {
  const { exitCode, stdout } = await runGit({
    purpose: `reading the URL of ${remoteName} in ${repositoryDir}`,
    gitDir: repositoryDir,
    args: ['config', '--local', '--no-includes', '-z', '--get', `remote.${remoteName}.url`],
    expectedExitCodes: [0, 1],
  });
  if (exitCode === 0) {
    const source = parseSource(stdout.toString('utf8').replace(/\0$/, ''));
    if (source.kind !== 'new') return source.url;
  }
  throw new GitError('BAD_URL', `${repositoryDir} has no remote ${remoteName}.`, {
    nextStep: 'Add the remote, or work without pushing.',
  });
}

async function readObjectFormat(repositoryDir: string): Promise<ObjectFormat> {
  const { stdout } = await runGit({
    purpose: `reading the object format of ${repositoryDir}`,
    gitDir: repositoryDir,
    args: ['rev-parse', '--show-object-format'],
  });
  return firstLine(stdout) as ObjectFormat;
}

function configuration(remoteName: string, url: string, objectFormat: ObjectFormat): string {
  return [
    '[core]',
    '\trepositoryformatversion = 1',
    '\tbare = true',
    '[extensions]',
    `\tobjectformat = ${objectFormat}`,
    `[remote "${remoteName}"]`,
    `\turl = "${url.replaceAll(/["\\]/g, String.raw`\$&`)}"`,
    `\tfetch = +refs/heads/*:refs/remotes/${remoteName}/*`,
    '',
  ].join('\n');
}
