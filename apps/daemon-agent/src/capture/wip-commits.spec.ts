import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { execaSync } from 'execa';
import { SecretScanner } from '#git';
import { temporaryFolder } from '#testing';
import { aSpawn } from '../../testing/offline-agent.js';
import { readAgentConfig } from '../agent.config.js';
import { WipCommits } from './wip-commits.js';

describe('WipCommits', () => {
  it.each([
    ['stay on this machine by default', {}, ['main']],
    ['are pushed where the operator wants it', { PATCHPOINT_HEARTBEAT_PUSH: 'true' }, ['main', 'task/one']],
  ])('%s', async (_, environment, branches) => {
    const { worktreeDir, git } = aClone();
    git('checkout', '--quiet', '-b', 'task/one');
    writeFileSync(join(worktreeDir, 'work.txt'), 'work\n');
    const config = readAgentConfig({ PATCHPOINT_ALLOW_FILE_PROTOCOL: 'true', ...environment });
    await new WipCommits(config, temporaryFolder(), noSecrets).commit(
      { spawn: aSpawn(), worktreeDir, sequence: 0, phase: 'running' },
      '[WIP] now',
    );
    expect(git('log', '-1', '--format=%s')).toBe('[WIP] now');
    expect(git('ls-remote', '--heads', 'origin').match(/(?<=refs\/heads\/).*/g)).toEqual(branches);
  });
});

const noSecrets = {
  ...readAgentConfig({}).secrets,
  scanner: new SecretScanner(),
  decisionOf: () => undefined,
};

function aClone(): { worktreeDir: string; git: (...args: string[]) => string } {
  const folder = temporaryFolder();
  const worktreeDir = join(folder, 'work');
  execaSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', join(folder, 'origin.git')]);
  execaSync('git', ['clone', '--quiet', `file://${join(folder, 'origin.git')}`, worktreeDir]);
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@b.c'];
  const git = (...args: string[]): string =>
    execaSync('git', [...identity, ...args], { cwd: worktreeDir }).stdout;
  git('checkout', '--quiet', '-B', 'main');
  git('commit', '--quiet', '--allow-empty', '--message=first');
  git('push', '--quiet', 'origin', 'main');
  return { worktreeDir, git };
}
