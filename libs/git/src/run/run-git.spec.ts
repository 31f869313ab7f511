import { describe, expect, it } from '@jest/globals';
import { GitError } from './git-error.js';
import { runGit } from './run-git.js';

describe('runGit', () => {
  it('gives the bytes that git printed, and feeds it input', async () => {
    const { stdout, exitCode } = await runGit({
      purpose: 'hashing nothing',
      args: ['hash-object', '--stdin'],
      input: Buffer.alloc(0),
    });
    expect(stdout.toString()).toBe('e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\n');
    expect(exitCode).toBe(0);
  });

  it('accepts only the exit codes that its caller expects, and keeps what git said', async () => {
    const call = {
      purpose: 'trying it out',
      args: ['rev-parse', '--verify', 'HEAD'],
      gitDir: '/nonexistent',
    };
    const error = await runGit(call).catch((thrown: unknown) => thrown as GitError);
    expect(error).toBeInstanceOf(GitError);
    expect(error).toMatchObject({ code: 'GIT_FAILED', exitCode: 128 });
    expect((error as GitError).stderr).toContain('not a git repository');
    expect((await runGit({ ...call, expectedExitCodes: [128] })).exitCode).toBe(128);
  });

  it('says so when git cannot be started', async () => {
    const call = { purpose: 'trying it out', args: ['version'], environment: { PATH: '/nonexistent' } };
    await expect(runGit(call)).rejects.toMatchObject({
      code: 'GIT_FAILED',
      exitCode: null,
      nextStep: expect.stringContaining('PATH') as unknown,
    });
  });

  it('ends git when its reader fails, and throws what the reader threw', async () => {
    const consume = async (): Promise<void> => {
      throw new RangeError('too much');
    };
    await expect(runGit({ purpose: 'trying it out', args: ['version'], consume })).rejects.toThrow(
      'too much',
    );
  });

  it('ends git when it is aborted, and throws the reason', async () => {
    const signal = AbortSignal.timeout(50);
    const call = { purpose: 'waiting', args: ['-c', 'alias.wait=!exec sleep 30', 'wait'], signal };
    await expect(runGit(call)).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
