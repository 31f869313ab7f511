import { describe, expect, it } from '@jest/globals';
import type { TaskSummary } from '#contracts';
import { plain } from '../../output/paint.js';
import { statusView } from './status.view.js';

/** The cell below UNCONFIRMED. */
function cell(fields: Partial<TaskSummary>): string {
  const task = {
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
    ...fields,
  } as TaskSummary;
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
