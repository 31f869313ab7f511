import { describe, expect, it } from '@jest/globals';
import type { PatchStoreClient } from '#client';
import { ContractError, ERROR_CODES, type CheckpointToRestore, type CheckpointView } from '#contracts';
import { GitError, type GitErrorCode } from '#git';
import { restoreFromCheckpoint as restoreByCli } from '../apps/cli/src/commands/restore/restore-from-checkpoint.js';
import { explain } from '../apps/cli/src/shell/explain.js';
import { restoreFromCheckpoint as restoreByDaemon } from '../apps/daemon-agent/src/restore/restore-from-checkpoint.js';

const TRY_ON = 'diff, then the older checkpoint';
const TRY_DIFF = 'diff, then nothing decided';
const STOP = 'nothing decided';

/** What a failure with each code means for whoever restores. */
const OF_GIT: Readonly<Record<GitErrorCode, string>> = {
  PATCH_TOO_LARGE: TRY_ON,
  PATCH_INVALID: TRY_ON,
  UNSAFE_PATH: TRY_ON,
  BASE_MISSING: TRY_ON,
  NO_BASE_COMMIT: TRY_ON,
  BAD_SHA: TRY_ON,
  NOT_GZIP: TRY_ON,
  GZIP_CORRUPT: TRY_ON,
  DIGEST_MISMATCH: TRY_ON,
  TREE_MISMATCH: TRY_ON,
  GIT_FAILED: TRY_DIFF,
  SOURCE_UNREACHABLE: STOP,
  PROTOCOL_FORBIDDEN: STOP,
  BAD_URL: STOP,
  BAD_REF: STOP,
  CREDENTIALS_IN_URL: STOP,
  GIT_AUTH_FAILED: STOP,
  PATH_NOT_FOUND: STOP,
  PATH_IN_THE_WAY: STOP,
  CANNOT_WRITE: STOP,
  NOT_A_WORKTREE: STOP,
  UNSAFE_WORKTREE: STOP,
  UNUSABLE_WORKTREE: STOP,
};

/** Codes of the wire and the store for which another checkpoint is worth a try. */
const OF_THE_CHECKPOINT = new Set([
  ...Object.entries(OF_GIT).flatMap(([code, meaning]) => (meaning === TRY_ON ? [code] : [])),
  'PATCH_EXPIRED',
  'PATCH_NOT_FOUND',
  'SIZE_MISMATCH',
]);

const failures: [string, Error, string][] = [
  ...Object.entries(OF_GIT).map(([code, meaning]): [string, Error, string] => [
    `git's ${code}`,
    new GitError(code as GitErrorCode, 'No.', { nextStep: 'Look.' }),
    meaning,
  ]),
  ...ERROR_CODES.map((code): [string, Error, string] => [
    `the wire's ${code}`,
    new ContractError(code, 'No.'),
    OF_THE_CHECKPOINT.has(code) ? TRY_ON : STOP,
  ]),
  ['what nobody foresaw', new Error('a bug'), STOP],
];

const sha = 'a'.repeat(40);

/** How often a form was tried, and what became of it when each try fails. */
function told(tries: number, end: 'older' | 'threw'): string {
  if (end === 'older') return tries === 2 ? TRY_ON : 'the older checkpoint at once';
  return tries === 2 ? TRY_DIFF : STOP;
}

async function daemonAfter(injected: Error): Promise<string> {
  let tries = 0;
  const checkpoint = {
    checkpointNumber: 7,
    patchFormat: 'git-diff',
    patchId: 'diff',
    patchSha256: sha,
    bundleId: 'bundle',
    bundleSha256: sha,
    patchBaseSha: sha,
    patchTreeSha: sha,
  } as CheckpointToRestore;
  const fail = async (): Promise<never> => {
    tries += 1;
    throw injected;
  };
  const end = await restoreByDaemon(checkpoint, fail, fail, (work) => work()).then(
    ({ outcome }) => (outcome === 'failed' ? 'older' : 'threw'),
    () => 'threw' as const,
  );
  return told(tries, end);
}

async function cliAfter(injected: Error): Promise<string> {
  let tries = 0;
  const fail = async (): Promise<never> => {
    tries += 1;
    throw injected;
  };
  const source = {
    client: { patch: fail, patchContent: fail } as unknown as PatchStoreClient,
    steps: { step: () => undefined } as never,
    repoUrl: 'new://example',
    checkpoint: { number: 7, bundleId: 'bundle', patchId: 'diff', treeSha: sha } as CheckpointView,
    worktreeDir: '/nowhere',
    olderCommand: ['patchpoint', 'restore', 'task@6'],
  };
  const failure = await restoreByCli(source, fail).catch((thrown: unknown) => thrown);
  return told(tries, explain(failure).nextCommand === source.olderCommand ? 'older' : 'threw');
}

describe('a restore that fails with', () => {
  it.each(failures)('%s is judged alike by a daemon and by a person’s command', async (_, error, meaning) => {
    expect({ daemon: await daemonAfter(error), cli: await cliAfter(error) }).toEqual({
      daemon: meaning,
      cli: meaning,
    });
  });

  it.each([
    ['PATCH_EXPIRED', 3],
    ['PATCH_NOT_FOUND', 3],
    ['PATCH_INVALID', 1],
  ] as const)('%s ends the command with exit code %i', async (code, exitCode) => {
    const fail = () => Promise.reject(new ContractError(code, 'No.'));
    const failure = await restoreByCli(
      {
        client: { patch: fail } as unknown as PatchStoreClient,
        steps: { step: () => undefined } as never,
        repoUrl: 'new://example',
        checkpoint: { number: 7, bundleId: null, patchId: 'diff', treeSha: sha } as CheckpointView,
        worktreeDir: '/nowhere',
        olderCommand: undefined,
      },
      fail,
    ).catch((thrown: unknown) => thrown);
    expect(explain(failure)).toMatchObject({ code, exitCode });
  });
});
