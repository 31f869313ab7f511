import { describe, expect, it } from '@jest/globals';
import { GitError } from '#git';
import { DiskFullError, nameDiskFull } from './disk-full-error.js';

const gitError = (stderr: string): GitError =>
  new GitError('GIT_FAILED', 'Failed at writing the tree.', { nextStep: 'Look closer.', stderr });

describe('nameDiskFull', () => {
  it.each([
    ['Node', Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })],
    ['Node about a quota', Object.assign(new Error('EDQUOT: quota exceeded'), { code: 'EDQUOT' })],
    ['git', gitError('error: file write error: No space left on device\nfatal: adding files failed')],
    ['git about a quota', gitError('fatal: unable to write loose object file: Disk quota exceeded')],
  ])(
    'turns a full disk reported by %s into an error with the message, the folder and the next step',
    (_, error) => {
      const named = nameDiskFull('/state/shadows/one', error);
      expect(named).toBeInstanceOf(DiskFullError);
      expect(named).toMatchObject({ code: 'DISK_FULL', cause: error });
      expect((named as Error).message).toMatch(
        /^DISK_FULL: \/state\/shadows\/one cannot be written: [^\n]+\. Free space on its disk\.$/,
      );
    },
  );

  it.each([
    ['Node', Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })],
    ['git', gitError('fatal: not a git repository')],
  ])('leaves every other error of %s unchanged', (_, error) => {
    expect(nameDiskFull('/state', error)).toBe(error);
  });
});
