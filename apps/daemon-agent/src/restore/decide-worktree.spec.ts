import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import type { SpawnTask } from '#contracts';
import { aSpawn } from '../../testing/offline-agent.js';
import { decideWorktree } from './decide-worktree.js';

describe('decideWorktree', () => {
  const patch = {
    patchSha256: 'a'.repeat(64),
    checkpointAttempt: 2,
    checkpointNumber: 5,
    patchId: uuidv7(),
    patchFormat: 'git-diff' as const,
    patchBaseSha: 'b'.repeat(40),
    patchTreeSha: 'c'.repeat(40),
    patchSizeBytes: 1,
    patchUncompressedSizeBytes: 1,
    patchFilesCount: 1,
  };
  const later = { attempt: 3, ...patch };

  it.each([
    ['a first start is fresh, whatever lies there', { resumeSession: false }, { attempt: 1 }, 'fresh'],
    ['a worktree as new as the checkpoint is reused', later, { attempt: 2 }, 'reuse'],
    ['one that is behind the checkpoint is not', later, { attempt: 1 }, 'restore'],
    ['none there: restored', later, undefined, 'restore'],
    ['no patch, but the worktree is there: reused', {}, { attempt: 1 }, 'reuse'],
    ['neither patch nor worktree: fresh', {}, undefined, 'fresh'],
  ])('%s', (_, order, existing, decision) => {
    expect(
      decideWorktree(aSpawn({ attempt: 2, resumeSession: true, ...order } as Partial<SpawnTask>), existing),
    ).toBe(decision);
  });
});
