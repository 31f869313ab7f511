import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { GitError } from './git-error.js';

const gunzipAsync = promisify(gunzip);

/**
 * Unpacks a patch, never into more memory than the ceiling.
 *
 * @throws GitError `NOT_GZIP`, `GZIP_CORRUPT`, `PATCH_TOO_LARGE`
 */
export async function gunzipWithCeiling(data: Buffer, maxUncompressedBytes: number): Promise<Buffer> {
  if (data[0] !== 0x1f || data[1] !== 0x8b) {
    throw new GitError('NOT_GZIP', 'The patch data does not begin as gzip does.', {
      nextStep: 'Send the patch compressed with gzip.',
    });
  }
  try {
    return await gunzipAsync(data, { maxOutputLength: Math.max(1, maxUncompressedBytes) });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new GitError('PATCH_TOO_LARGE', `The patch unpacks to more than ${maxUncompressedBytes} bytes.`, {
        nextStep: 'Raise the ceiling if the patch is to be trusted.',
        cause,
      });
    }
    throw new GitError('GZIP_CORRUPT', 'The patch data cannot be unpacked.', {
      nextStep: 'Use an older checkpoint: this copy is damaged.',
      cause,
    });
  }
}
