import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { temporaryFolder } from '#testing';

const FILES = {
  'README.md': '# Example\n',
  'delete-me.txt': 'no longer needed\n',
  'code.ts': 'export const answer = 41;\n',
};

/** A git server's repository with one commit on `main`, made with plain git. */
export function sourceRepository(files: Record<string, string> = FILES): { url: string; bareDir: string } {
  const folder = temporaryFolder();
  const work = join(folder, 'work');
  const bareDir = join(folder, 'source.git');
  mkdirSync(work);
  git(work, 'init', '--quiet', '--initial-branch=main');
  for (const [path, content] of Object.entries(files)) writeFileSync(join(work, path), content);
  git(work, 'add', '-A');
  git(work, '-c', 'user.name=Test', '-c', 'user.email=test@example.com', 'commit', '--quiet', '-m', 'first');
  execaSync('git', ['clone', '--quiet', '--bare', work, bareDir]);
  return { url: `file://${bareDir}`, bareDir };
}

/** Makes the server refuse every push. */
export function refusePushes(bareDir: string): void {
  writeFileSync(join(bareDir, 'hooks', 'pre-receive'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
}

function git(cwd: string, ...args: string[]): void {
  execaSync('git', args, { cwd, env: { GIT_CONFIG_GLOBAL: '/dev/null' } });
}
