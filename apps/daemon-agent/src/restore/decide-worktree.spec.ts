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
    [
      'starts fresh at a first start, even if there is a worktree',
      { resumeSession: false },
      { attempt: 1 },
      'fresh',
    ],
    ['reuses a worktree that is as new as the checkpoint', later, { attempt: 2 }, 'reuse'],
    ['restores if the worktree is behind the checkpoint', later, { attempt: 1 }, 'restore'],
    ['restores if there is no worktree', later, undefined, 'restore'],
    ['reuses the worktree if there is no patch', {}, { attempt: 1 }, 'reuse'],
    ['starts fresh if there is neither patch nor worktree', {}, undefined, 'fresh'],
  ])('%s', (_, order, existing, decision) => {
    expect(
      decideWorktree(aSpawn({ attempt: 2, resumeSession: true, ...order } as Partial<SpawnTask>), existing),
    ).toBe(decision);
  });
});
