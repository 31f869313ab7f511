import { gunzip, type Gunzip, type ZlibOptions } from 'node:zlib';
import { GitError } from '../run/git-error.js';

/**
 * Unpacks a patch, never into more memory than the ceiling.
 *
 * @throws GitError `NOT_GZIP`, `GZIP_CORRUPT` (cut short, damaged, or followed by other bytes),
 *   `PATCH_TOO_LARGE`
 */
export async function gunzipWithCeiling(data: Buffer, maxUncompressedBytes: number): Promise<Buffer> {
  if (data[0] !== 0x1f || data[1] !== 0x8b) {
    throw new GitError('NOT_GZIP', 'The patch data does not begin as gzip does.', {
      nextStep: 'Send the patch compressed with gzip.',
    });
  }
  let unpacked: Unpacked;
  try {
    unpacked = await unpack(data, { maxOutputLength: Math.max(1, maxUncompressedBytes) });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new GitError('PATCH_TOO_LARGE', `The patch unpacks to more than ${maxUncompressedBytes} bytes.`, {
        nextStep: 'Raise the ceiling if the patch is to be trusted.',
        cause,
      });
    }
    throw corrupt('The patch data cannot be unpacked.', cause);
  }
  if (unpacked.readBytes === data.length) return unpacked.buffer;
  throw corrupt(`The patch data continues for ${data.length - unpacked.readBytes} bytes after its end.`);
}

interface Unpacked {
  buffer: Buffer;
  /** How much of the input was gzip: Node passes over what follows. */
  readBytes: number;
}

function unpack(data: Buffer, options: ZlibOptions): Promise<Unpacked> {
  return new Promise((resolve, reject) => {
    gunzip(data, { ...options, info: true }, (error, result) => {
      if (error) return reject(error);
      // With `info` the result is not the buffer alone; the types do not say so.
      const { buffer, engine } = result as unknown as { buffer: Buffer; engine: Gunzip };
      resolve({ buffer, readBytes: engine.bytesWritten });
    });
  });
}

function corrupt(message: string, cause?: unknown): GitError {
  return new GitError('GZIP_CORRUPT', message, {
    nextStep: 'Use an older checkpoint: this copy is damaged.',
    cause,
  });
}
