import { describe, expect, it } from '@jest/globals';
import type { TaskSummary } from '#contracts';
import { candidateTable, shortSource } from './candidate-table.js';
import { decideReference } from './find-referenced.js';
import { idFilters, theOnly } from './find-task.js';
import { parseTaskReference } from './task-reference.js';

const task = (name: string, lastCheckpointNumber: number, idEnd = '00000001') =>
  ({
    id: `01a20514-a008-7493-afc0-15da${idEnd}`,
    name,
    lastCheckpointNumber,
    state: 'completed',
    createdAt: new Date(Date.now() - 3 * 3600_000).toISOString(),
    repoUrl: 'https://github.com/you/app.git',
    daemonId: null,
  }) as unknown as TaskSummary;

/** What `reference` means where `named` bear it as a name, and `numbered` match what is before its `@`. */
const decide = (reference: string, named: TaskSummary[], numbered: TaskSummary[]) =>
  decideReference({ ...parseTaskReference(reference), named, numbered });

describe('what people type for a task', () => {
  it('is a task, perhaps with a checkpoint', () => {
    expect(parseTaskReference('fix@12').checkpoint).toEqual({ task: 'fix', number: 12 });
    expect(parseTaskReference('fix@3@2').checkpoint).toEqual({ task: 'fix@3', number: 2 });
    for (const whole of ['fix', 'a@b', 'a@1b']) {
      expect(parseTaskReference(whole)).toEqual({ whole, checkpoint: undefined, isUnfinished: false });
    }
    for (const unfinished of ['fix@', 'fix@0']) {
      expect(parseTaskReference(unfinished)).toMatchObject({ checkpoint: undefined, isUnfinished: true });
    }
  });

  it('may be a part of an id from 4 digits on', () => {
    expect(idFilters('3f2')).toEqual([]);
    expect(idFilters('fix-login')).toEqual([]);
    expect(idFilters('3F2A')).toEqual([{ idPrefix: '3F2A' }, { idSuffix: '3F2A' }]);
    expect(idFilters('01a20514-a0087')).toEqual([{ idPrefix: '01a20514a0087' }]);
  });
});

describe('a reference that ends in @3', () => {
  it.each([
    ['a checkpoint, where no task has that name', [], [task('fix', 5)], { task: 'fix', number: 3 }],
    ['a checkpoint, also one that does not exist yet', [], [task('fix', 2)], { task: 'fix', number: 3 }],
    ['a task of that name', [task('fix@3', 0)], [], { task: 'fix@3' }],
    [
      'a task of that name before a checkpoint that is not there',
      [task('fix@3', 0)],
      [task('fix', 2)],
      { task: 'fix@3' },
    ],
  ])('means %s', (_, named, numbered, meant) => {
    const { task: found, checkpointNumber } = decide('fix@3', named, numbered);
    expect({ task: found.name, number: checkpointNumber }).toEqual({ number: undefined, ...meant });
  });

  it('is refused with both, and how to write them, where both are there', () => {
    const both = () => decide('fix@3', [task('fix@3', 0, '0000aaaa')], [task('fix', 3, '0000bbbb')]);
    expect(both).toThrow(expect.objectContaining({ code: 'TASK_AMBIGUOUS', exitCode: 3 }));
    expect(both).toThrow(/^ {2}0000aaaa {4}fix@3 [^]*^ {2}0000bbbb@3 {2}fix /m);
  });

  it('is refused where nothing has the name or number', () => {
    expect(() => decide('fix@3', [], [])).toThrow('There is no task "fix".');
  });

  it('is the end of a name or a mistake, where the number is missing', () => {
    expect(decide('fix@', [task('fix@', 0)], []).task.name).toBe('fix@');
    for (const bad of ['fix@', 'fix@0']) expect(() => decide(bad, [], [])).toThrow(/from 1 up/);
  });
});

describe('the candidates for an ambiguous name', () => {
  it('stand in columns with age, source and daemon', () => {
    const now = new Date('2030-01-31T14:10:00Z');
    const [older, newer] = [task('twin', 1, '0000aaaa'), task('twin', 1, '0000bbbb')];
    const candidates = [
      { task: { ...older, createdAt: '2030-01-29T14:10:00Z', daemonId: 'daemon-1' } },
      {
        task: {
          ...newer,
          createdAt: '2030-01-31T14:00:00Z',
          repoUrl: 'new://twin',
          state: 'running' as const,
        },
      },
    ];
    expect(candidateTable(candidates, now).split('\n')).toEqual([
      '  TASK      NAME  STATE      AGE     SOURCE              DAEMON',
      '  0000aaaa  twin  completed  2 d     github.com/you/app  daemon-1',
      '  0000bbbb  twin  running    10 min  new://twin          –',
    ]);
  });

  it('are ten at most', () => {
    const many = Array.from({ length: 11 }, (_, i) => task('twin', 1, `000000${10 + i}`));
    expect(() => theOnly(many, 'twin')).toThrow(/00000019 [^]*and more$/);
    expect(() => theOnly(many, 'twin')).not.toThrow(/00000020/);
  });

  it('have short sources, of which the end is kept', () => {
    expect(shortSource('https://github.com/you/app.git')).toBe('github.com/you/app');
    expect(shortSource('git@github.com:you/app.git')).toBe('git@github.com:you/app');
    expect(shortSource('file:///srv/git/app.git')).toBe('/srv/git/app');
    expect(shortSource('new://app')).toBe('new://app');
    expect(shortSource(`https://example.com/${'group/'.repeat(10)}app`)).toMatch(/^….{35}\/app$/);
  });
});
