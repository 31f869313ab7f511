import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { compose, CheckpointStored } from '#contracts';
import { plain } from '../../output/paint.js';
import { watchView, type WatchItem } from './watch.view.js';

const look = { paint: plain, now: new Date(2030, 0, 31, 14, 5, 9) };

function shown(item: WatchItem, name = 'site'): string {
  return watchView({ id: '01a20527-b1a4-74e1-a3df-29aa5c484660', name })(item, look);
}

function stored(fields: Partial<CheckpointStored> = {}): WatchItem {
  const id = uuidv7();
  const checkpoint = compose(CheckpointStored, {
    eventId: id,
    checkpointId: id,
    checkpointEventId: id,
    taskId: id,
    daemonId: 'laptop',
    attempt: 1,
    sequence: 1,
    checkpointNumber: 7,
    kind: 'heartbeat',
    message: '',
    treeSha: 'a'.repeat(40),
    filesChanged: 2,
    linesAdded: 12,
    linesRemoved: 3,
    omissionsCount: 0,
    hasPatch: true,
    patchSizeBytes: 2048,
    superseded: false,
    storedAt: look.now.toISOString(),
    ...fields,
  });
  return { event: 'stored', checkpoint };
}

describe('the screen of a watch', () => {
  it('says what is watched', () => {
    const line = shown({
      event: 'watching',
      taskId: 'x',
      name: 'site',
      attempt: 1,
      worktreeDir: '/src/site',
      everySeconds: 60,
    });
    expect(line).toMatch(/^Watching \/src\/site as site \(5c484660\): a checkpoint every 1 min .* Ctrl-C/);
  });

  it('tells of each checkpoint in a line', () => {
    expect(shown(stored())).toBe('14:05:09  stored @7  2 files  +12 −3  2.0 KiB');
    expect(shown(stored({ filesChanged: 0, linesAdded: 0, linesRemoved: 0 }))).toContain('  clean  ');
  });

  it('says what a checkpoint lacks', () => {
    expect(shown(stored({ hasPatch: false, patchAbsentReason: 'too-large' }))).toContain(
      'no patch (too-large)',
    );
    expect(shown(stored({ omissionsCount: 1, superseded: true }))).toMatch(/1 omission {2}superseded$/);
  });

  const ended = {
    event: 'ended',
    reason: null,
    lastCapture: 'stored',
    newestCheckpointNumber: 7,
    isRestorable: true,
    unconfirmedCount: 0,
  } as const;

  it.each([
    ['stored', 'The last state is stored.'],
    ['waiting', 'waits on this disk'],
    ['failed', 'could not be captured'],
    ['cut-off', 'may be in no checkpoint'],
  ] as const)('ends with what became of the last state: %s', (lastCapture, words) => {
    expect(shown({ ...ended, lastCapture })).toContain(words);
  });

  it('does not offer to restore what cannot be', () => {
    expect(shown({ ...ended, isRestorable: false })).not.toContain('patchpoint restore');
  });

  it('ends with the command that brings the work back, which a shell understands', () => {
    expect(shown(ended)).toContain('patchpoint restore site --into');
    expect(shown(ended, "it's mine")).toContain(`patchpoint restore 'it'\\''s mine' --into`);
    expect(shown({ ...ended, newestCheckpointNumber: null })).not.toContain('restore');
  });
});
