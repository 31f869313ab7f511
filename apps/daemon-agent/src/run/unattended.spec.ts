import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '#testing';
import { aSpawn, OfflineAgent } from '../../testing/offline-agent.js';

let daemon: OfflineAgent;

afterEach(() => daemon.close());

/** A daemon whose runner prints what it is given. */
async function open(environment: NodeJS.ProcessEnv): Promise<void> {
  const file = join(temporaryFolder(), 'runners.json');
  const permissions = { worktree: ['in-worktree'], full: ['whatever'], 'ask-nothing': ['little'] };
  const start = ['echo', 'may', '{permissions}'];
  writeFileSync(file, JSON.stringify({ telling: { start, stdin: 'nothing', permissions } }));
  daemon = await OfflineAgent.open({ environment: { PATCHPOINT_RUNNERS_FILE: file, ...environment } });
}

describe('a task that says how far its agent may act', () => {
  it.each([
    [undefined, 'may in-worktree'],
    ['ask-nothing', 'may little'],
    ['full', 'may whatever'],
  ] as const)('(%s) has its way on a daemon that allows it', async (unattended, said) => {
    await open({ PATCHPOINT_UNATTENDED_MOST: 'full' });
    await daemon.agent.runs.start(aSpawn({ runner: 'telling', unattended }));
    await daemon.untilReported('completed');
    expect(daemon.said.join('\n')).toContain(said);
  });

  it('and asks for more than the daemon allows fails before anything is made, with the setting', async () => {
    await open({});
    await daemon.agent.runs.start(aSpawn({ runner: 'telling', unattended: 'full' }));
    const { reason } = await daemon.untilReported('failed');
    expect(reason).toContain('asks for "unattended: full", and this daemon allows "worktree" at most');
    expect(reason).toContain('PATCHPOINT_UNATTENDED_MOST');
    const worktrees = join(daemon.stateDir, 'worktrees');
    expect(existsSync(worktrees) ? readdirSync(worktrees) : []).toEqual([]);
    expect(daemon.said.join('\n')).not.toContain('may ');
  });
});
