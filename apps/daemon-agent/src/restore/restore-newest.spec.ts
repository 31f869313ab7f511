import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ContractError, type CheckpointToRestore } from '#contracts';
import { GitError, judgeFailure } from '#git';
import { RpcUnavailableError } from '#messaging';
import { aCheckpoint, aSpawn, OfflineAgent } from '../../testing/offline-agent.js';
import { restoreNewest } from './restore-newest.js';

beforeAll(() => Logger.overrideLogger(false));

const gitError = (code: GitError['code']) => new GitError(code, 'No.', { nextStep: 'Look.' });

describe('a failed restore', () => {
  it.each([
    [new ContractError('PATCH_EXPIRED', 'gone'), 'checkpoint'],
    [new ContractError('DIGEST_MISMATCH', 'other bytes'), 'checkpoint'],
    [gitError('BASE_MISSING'), 'checkpoint'],
    [gitError('PATCH_INVALID'), 'checkpoint'],
    [gitError('TREE_MISMATCH'), 'checkpoint'],
    [gitError('SOURCE_UNREACHABLE'), 'circumstance'],
    [new RpcUnavailableError('a subject', 'nobody is there'), 'circumstance'],
    [Object.assign(new Error('no space'), { code: 'ENOSPC' }), 'circumstance'],
    [gitError('GIT_AUTH_FAILED'), 'order'],
    [gitError('PROTOCOL_FORBIDDEN'), 'order'],
    [new ContractError('ATTEMPT_SUPERSEDED', 'another one runs'), 'order'],
  ])('with %s is judged as %s', (error, judgement) => {
    expect(judgeFailure(error, (each) => each instanceof ContractError)).toBe(judgement);
  });

  it('for a temporary reason does not lead to an older checkpoint', async () => {
    const stopping = new AbortController();
    const said: string[] = [];
    const restoring = restoreNewest(await aCheckpoint(2, 'work'), {
      restore: (_checkpoint, persistently) =>
        persistently(async () => {
          throw gitError('SOURCE_UNREACHABLE');
        }),
      olderCheckpoint: async () => {
        throw new Error('An older one was asked for.');
      },
      restoreFailed: async () => {
        throw new Error('The checkpoint was called broken.');
      },
      say: (line) => {
        said.push(line);
        stopping.abort();
      },
      signal: stopping.signal,
    });
    await expect(restoring).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
    expect(said).toEqual([expect.stringContaining('Checkpoint 2 cannot be restored yet')]);
  });
});

describe('a resume whose newest checkpoint cannot be restored', () => {
  async function resume(newest: CheckpointToRestore, older: Record<number, CheckpointToRestore | undefined>) {
    const daemon = await OfflineAgent.open({
      transport: {
        readSlice: async () => {
          throw new ContractError('PATCH_EXPIRED', 'The patch has expired.');
        },
        findCheckpoint: async (_spawn, { beforeNumber }) => older[beforeNumber!],
      },
    });
    const plan = 'cat "$PATCHPOINT_RECOVERY_BRIEF"';
    await daemon.agent.start();
    await daemon.agent.runs.start(aSpawn({ attempt: 2, resumeSession: true, plan, ...newest }));
    await daemon.untilReported('completed', 2);
    await daemon.close();
    return daemon;
  }

  it('continues with the next older one that can, and reports each choice', async () => {
    const [third, second, first] = [
      await aCheckpoint(3, 'newest'),
      await aCheckpoint(2, 'damaged'),
      await aCheckpoint(1, 'oldest\n'),
    ];
    const daemon = await resume(
      { ...third, patchData: undefined }, // expired between order and read
      { 3: { ...second, patchSha256: 'f'.repeat(64) }, 2: first },
    );
    const [expired, damaged, restored, started] = daemon.reports;
    expect(expired).toMatchObject({ report: 'restore-failed', checkpointNumber: 3 });
    expect(expired!.reason).toContain('PATCH_EXPIRED');
    expect(damaged).toMatchObject({ report: 'restore-failed', checkpointNumber: 2 });
    expect(damaged!.reason).toContain('DIGEST_MISMATCH');
    expect(restored).toMatchObject({ report: 'restored', checkpointNumber: 1, treeSha: first.patchTreeSha });
    expect(restored!.failedTries).toHaveLength(2);
    expect(started).toMatchObject({ report: 'started', worktreeOrigin: 'restored' });
    expect(readFileSync(join(started!.worktreePath!, 'work.txt'), 'utf8')).toBe('oldest\n');
    const said = daemon.said.join('');
    expect(said).toContain('trying the older checkpoint 2');
    expect(said).toContain('trying the older checkpoint 1');
    expect(said).toContain('Checkpoint 1 ("checkpoint 1")'); // the recovery brief, which the agent printed
    expect(said).toContain('## Tried without success');
  });

  it('starts fresh if there is no other, and reports that', async () => {
    const newest = await aCheckpoint(1, 'newest');
    const daemon = await resume({ ...newest, patchData: undefined }, {});
    expect(daemon.reports.map(({ report }) => report)).toEqual(['restore-failed', 'started', 'completed']);
    expect(daemon.reports[1]).toMatchObject({ worktreeOrigin: 'fresh' });
    expect(daemon.reports[1]!.reason).toContain('PATCH_EXPIRED');
    expect(daemon.said.join('')).toContain('no checkpoint can be restored, starting fresh');
  });
});
