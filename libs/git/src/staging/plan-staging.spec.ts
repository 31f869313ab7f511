import { describe, expect, it } from '@jest/globals';
import { amendPlan, NO_LIMITS, planStaging, type StagingFacts, type StagingLimits } from './plan-staging.js';

describe('planStaging', () => {
  const bytes = (...paths: string[]): Buffer[] => paths.map((path) => Buffer.from(path));

  const plan = (facts: Partial<StagingFacts>, limits: Partial<StagingLimits> = {}) => {
    const nothing: StagingFacts = {
      trackedChanges: [],
      untrackedFiles: [],
      nestedRepositories: [],
      unseen: [],
      withdrawn: [],
    };
    const { update, remove, untracked, omissions } = planStaging(
      { ...nothing, ...facts },
      { ...NO_LIMITS, ...limits },
    );
    return {
      update: update.map(String),
      remove: remove.map(String),
      untracked: untracked.map(String),
      omissions,
    };
  };

  const change = (path: string, gone = false, becameRepository = false) => ({
    path: Buffer.from(path),
    gone,
    becameRepository,
  });
  const file = (path: string, sizeBytes = 1, staged = false) => ({
    path: Buffer.from(path),
    sizeBytes,
    isSymlink: false,
    staged,
  });

  it('hashes what changed and removes what is gone', () => {
    expect(plan({ trackedChanges: [change('a'), change('b', true)] })).toMatchObject({
      update: ['a'],
      remove: ['b'],
    });
  });

  it('an unmerged path that is gone on one side only is not gone', () => {
    expect(plan({ trackedChanges: [change('a', true), change('a')] })).toMatchObject({
      update: ['a'],
      remove: [],
    });
  });

  it('hashes an untracked file once, and keeps counting it', () => {
    expect(plan({ untrackedFiles: [file('new'), file('known', 1, true)] })).toMatchObject({
      update: ['new'],
      untracked: ['new', 'known'],
    });
  });

  it('takes a file back out that has grown too large', () => {
    const facts = { trackedChanges: [change('big')], untrackedFiles: [file('big', 11, true)] };
    expect(plan(facts, { untrackedFileLimitBytes: 10 })).toEqual({
      update: [],
      remove: ['big'],
      untracked: [],
      omissions: [{ path: 'big', reason: 'untracked-too-large' }],
    });
  });

  it('spends the budget in order, and passes over what does not fit', () => {
    const facts = { untrackedFiles: [file('a', 6), file('b', 6), file('c', 4)] };
    expect(plan(facts, { untrackedTotalLimitBytes: 10 })).toMatchObject({
      untracked: ['a', 'c'],
      omissions: [{ path: 'b', reason: 'untracked-budget' }],
    });
  });

  it('withdraws what is ignored since, even when it changed', () => {
    expect(plan({ trackedChanges: [change('a')], withdrawn: bytes('a') })).toMatchObject({
      update: [],
      remove: ['a'],
    });
  });

  it('leaves an unreadable tracked file as the index has it, and an unreadable new one for a later capture', () => {
    const facts = {
      trackedChanges: [change('a')],
      untrackedFiles: [file('b')],
      unseen: bytes('a', 'b').map((path) => ({ path, reason: 'unreadable' as const })),
    };
    expect(plan(facts)).toMatchObject({ update: [], remove: [], untracked: [] });
  });

  it('records no link to a repository that others cannot reach', () => {
    const facts = { trackedChanges: [change('a', false, true)], nestedRepositories: bytes('b/') };
    expect(plan(facts)).toEqual({
      update: [],
      remove: ['a'],
      untracked: [],
      omissions: [
        { path: 'b', reason: 'nested-repository' },
        { path: 'a', reason: 'nested-repository' },
      ],
    });
  });

  it('keeps names apart that differ in one byte that is not UTF-8', () => {
    const odd = (byte: number) => ({ ...file(''), path: Buffer.from([byte]) });
    const { untracked, update } = planStaging(
      {
        trackedChanges: [],
        untrackedFiles: [odd(0xfe), odd(0xff)],
        nestedRepositories: [],
        unseen: [],
        withdrawn: [],
      },
      NO_LIMITS,
    );
    expect(untracked).toEqual([Buffer.from([0xfe]), Buffer.from([0xff])]);
    expect(update).toEqual(untracked);
  });

  it('takes a new file that could not be hashed for not in the index, and one from before for still there', () => {
    const facts: StagingFacts = {
      trackedChanges: [change('tracked'), change('old')],
      untrackedFiles: [file('new'), file('old', 1, true), file('fine'), file('pipe')],
      nestedRepositories: [],
      unseen: [],
      withdrawn: [],
    };
    const omissions = [{ path: 'new', reason: 'changing' as const }];
    const hashed = { kept: bytes('new', 'old', 'tracked'), removed: bytes('pipe'), omissions };
    const amended = amendPlan(planStaging(facts, NO_LIMITS), facts, hashed);
    expect(amended.update.map(String)).toEqual(['fine']);
    expect(amended.remove.map(String)).toEqual(['pipe']);
    expect(amended.untracked.map(String)).toEqual(['old', 'fine']);
    expect(amended.omissions).toEqual(omissions);
  });
});
