import { describe, expect, it } from '@jest/globals';
import type { TaskSummary } from '#contracts';
import { plain } from '../../output/paint.js';
import { statusView } from './status.view.js';

const running = {
  id: '01a20514-a008-7493-afc0-15da3f2a91c0',
  name: 'fix-login',
  state: 'running',
  daemonId: 'daemon-1',
  attempt: 1,
  recovery: {
    newestCheckpoint: null,
    restorableCheckpointNumber: null,
    notNewestBecause: 'no-checkpoint',
  },
} as TaskSummary;

/** The cell below UNCONFIRMED. */
function cell(fields: Partial<TaskSummary>): string {
  const task = { ...running, ...fields };
  const shown = statusView(
    { tasks: [task], daemons: { alive: 1, dead: 0 } },
    { paint: plain, now: new Date() },
  );
  const [, header, row] = shown.split('\n') as [string, string, string];
  return row.slice(header.indexOf('UNCONFIRMED'), header.indexOf('RESUMABLE')).trimEnd();
}

describe('unconfirmed captures in `patchpoint status`', () => {
  it.each([
    [{ count: 0, oldestAgeSeconds: null, saidAgeSeconds: 3 }, '0'],
    [{ count: 2, oldestAgeSeconds: 310, saidAgeSeconds: 3 }, '2, oldest 5 min'],
    // The daemon is silent: the last that is known.
    [{ count: 2, oldestAgeSeconds: 9310, saidAgeSeconds: 9000 }, '2, 2 h ago'],
    [{ count: 0, oldestAgeSeconds: null, saidAgeSeconds: 60 }, '0, 1 min ago'],
    // A daemon, or a server, that does not tell.
    [null, '?'],
    [undefined, '?'],
  ])('%j', (unconfirmedCaptures, shown) => {
    expect(cell({ unconfirmedCaptures })).toBe(shown);
  });

  it("are nobody's while no daemon has the task", () => {
    expect(cell({ daemonId: null, unconfirmedCaptures: null })).toBe('–');
  });
});

describe('an agent without limits in `patchpoint status`', () => {
  it.each([['full', 1] as const, ['worktree', 0] as const, [null, 0] as const])(
    '(%s)',
    (unattended, count) => {
      const tasks = [{ ...running, unattended }];
      const shown = statusView({ tasks, daemons: { alive: 1, dead: 0 } }, { paint: plain, now: new Date() });
      const line = "3f2a91c0 fix-login: may do whatever its daemon's user may (unattended: full)";
      expect(shown.split('\n').slice(3)).toEqual(Array.from({ length: count }, () => line));
    },
  );
});

describe('failing captures in `patchpoint status`', () => {
  const now = new Date('2030-01-31T14:00:00Z');
  const lines = (fields: Partial<TaskSummary>): string[] => {
    const task = { ...running, daemonId: 'daemon-1', worktreePath: '/w/fix-login', ...fields };
    const shown = statusView({ tasks: [task], daemons: { alive: 1, dead: 0 } }, { paint: plain, now });
    return shown.split('\n').slice(3);
  };
  const failingCaptures = { since: '2030-01-31T11:00:00Z', reason: 'DISK_FULL: no space\nleft' };

  it('say since when and why', () => {
    expect(lines({ failingCaptures, unsavedWork: false })).toEqual([
      '3f2a91c0 fix-login: no capture has worked for 3 h: DISK_FULL: no space left',
    ]);
  });

  it('of an ended task say where its work lies, and how it is captured again', () => {
    expect(lines({ state: 'completed', failingCaptures, unsavedWork: true })).toEqual([
      '3f2a91c0 fix-login: unsaved work in /w/fix-login on daemon-1, for 3 h: DISK_FULL: no space left',
      '  Run `patchpoint checkpoint 3f2a91c0` to capture it again.',
    ]);
  });

  it.each([[null], [undefined]])('are not there when they are %s', (failing) => {
    expect(lines({ failingCaptures: failing as null })).toEqual([]);
  });
});
