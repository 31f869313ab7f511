import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { SecretDesk, type HeldCheckpoint } from '#git';
import { temporaryFolder } from '#testing';
import { expectFailure, runCli } from './testing/use-cli.js';

function held(fields: Partial<HeldCheckpoint> = {}): HeldCheckpoint {
  return {
    eventId: uuidv7(),
    taskId: uuidv7(),
    attempt: 1,
    sequence: 3,
    heldAt: new Date().toISOString(),
    files: [
      { path: 'a\u001b[31m.env', contentId: 'a'.repeat(40), rules: ['file-name'], isUntracked: true },
      { path: 'notes.txt', contentId: 'b'.repeat(40), rules: ['github'], isUntracked: true },
    ],
    ...fields,
  };
}

describe('patchpoint hold', () => {
  const home = temporaryFolder();
  const hold = (...args: string[]) => runCli(home, ['hold', ...args], { PATCHPOINT_SERVER: '' });

  it('lists what waits on this machine, without what was found, and notes what is decided', async () => {
    // Of a daemon as the user runs it, and of one that watches a worktree.
    const agents = ['patchpoint/agent', 'patchpoint/watch/app-1/agent'].map((name) =>
      join(home, 'state', name),
    );
    const [first, second] = [held(), held()];
    const desks = agents.map((folder) => new SecretDesk(join(folder, 'secrets')));
    agents.forEach((folder) => mkdirSync(folder, { recursive: true }));
    await desks[0]!.hold(first);
    await desks[1]!.hold(second);
    const { stdout } = await hold('list');
    for (const words of [first.eventId, second.eventId, 'notes.txt', 'github'])
      expect(stdout).toContain(words);
    expect(stdout).not.toContain('\u001b[31m');
    expect(JSON.parse((await hold('list', '--json')).stdout)).toEqual({ held: [first, second] });

    const released = await hold('release', second.eventId);
    expect([released.exitCode, released.stdout]).toEqual([0, expect.stringContaining('Released')]);
    expect(second.files.map(({ contentId }) => desks[1]!.decisionOf(contentId))).toEqual([
      'release',
      'release',
    ]);
    expect(desks[0]!.decisionOf('a'.repeat(40))).toBeUndefined();
    expect((await hold('omit', first.eventId)).exitCode).toBe(0);
    expect(desks[0]!.decisionOf('b'.repeat(40))).toBe('omit');
  });

  it('says that nothing is held, and refuses what is not there or cannot be left out', async () => {
    const stateDir = join(temporaryFolder(), 'agent');
    const at = ['--state-dir', stateDir];
    expect((await hold('list', ...at)).stdout).toBe('Nothing is held.');
    expectFailure(await hold('release', uuidv7(), ...at), 3, 'is held by a daemon');
    const files = [{ path: 'src/a.txt', contentId: 'c'.repeat(40), rules: ['github'], isUntracked: false }];
    const tracked = held({ files });
    const desk = new SecretDesk(join(stateDir, 'secrets'));
    await desk.hold(tracked);
    expectFailure(await hold('omit', tracked.eventId, ...at), 1, 'src/a.txt is tracked by git');
    expect(desk.decisionOf('c'.repeat(40))).toBeUndefined();
  });
});
