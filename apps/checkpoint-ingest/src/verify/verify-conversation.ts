import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ContractError, MAX_PATCH_SIZE_BYTES, type CheckpointCreated } from '#contracts';

/** The bytes that a message carries of one file of a conversation. */
export interface ConversationTail {
  path: string;
  generation: number;
  /** Where in the file they begin. */
  startByte: number;
  data: Buffer;
}

const unpack = promisify(gunzip);

/**
 * Proves that bytes are what the event carries of its conversation, and divides them among its files. Whether
 * each whole file has its digest can only be seen where all of its bytes are: a restore does that.
 *
 * @param data gzip-compressed
 * @throws ContractError `PATCH_TOO_LARGE`, `SIZE_MISMATCH`, `DIGEST_MISMATCH`, `GZIP_CORRUPT`,
 *   `FIELD_INVALID`
 */
export async function verifyConversation(
  event: CheckpointCreated,
  data: Buffer,
): Promise<ConversationTail[]> {
  requireSound(event, data);
  const files = event.conversation!.files;
  const totalBytes = files.reduce((sum, file) => sum + file.lengthBytes - file.fromByte, 0);
  const unpacked = await unpackExactly(data, totalBytes);
  let offset = 0;
  return files.map(({ path, generation, fromByte, lengthBytes }) => {
    const start = offset;
    offset += lengthBytes - fromByte;
    return { path, generation, startByte: fromByte, data: unpacked.subarray(start, offset) };
  });
}

function requireSound(event: CheckpointCreated, data: Buffer): void {
  if (data.length > MAX_PATCH_SIZE_BYTES) {
    throw refuse('PATCH_TOO_LARGE', `it has ${data.length} bytes`, 'conversationData');
  }
  if (data.length !== event.conversationSizeBytes) {
    throw refuse('SIZE_MISMATCH', `it has ${data.length} bytes`, 'conversationSizeBytes');
  }
  const sha256 = createHash('sha256').update(data).digest('hex');
  if (sha256 !== event.conversationSha256) {
    throw refuse('DIGEST_MISMATCH', `its sha256 is ${sha256}`, 'conversationSha256');
  }
  const files = event.conversation!.files;
  const backwards = files.findIndex((file) => file.fromByte > file.lengthBytes);
  if (backwards >= 0) {
    throw refuse('FIELD_INVALID', 'a file begins behind its end', `conversation.files.${backwards}.fromByte`);
  }
  if (new Set(files.map(({ path }) => path)).size < files.length) {
    throw refuse('FIELD_INVALID', 'two of its files have one path', 'conversation.files');
  }
}

async function unpackExactly(data: Buffer, sizeBytes: number): Promise<Buffer> {
  let unpacked: Buffer;
  try {
    unpacked = await unpack(data, { maxOutputLength: sizeBytes + 1 });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw refuse('SIZE_MISMATCH', `its files need ${sizeBytes} bytes, it unpacks to more`, 'conversation');
    }
    throw new ContractError(
      'GZIP_CORRUPT',
      `The conversation cannot be unpacked: ${(cause as Error).message}.`,
      'conversationData',
      { cause },
    );
  }
  if (unpacked.length === sizeBytes) return unpacked;
  throw refuse(
    'SIZE_MISMATCH',
    `its files need ${sizeBytes} bytes, it unpacks to ${unpacked.length}`,
    'conversation',
  );
}

function refuse(
  code: 'PATCH_TOO_LARGE' | 'SIZE_MISMATCH' | 'DIGEST_MISMATCH' | 'FIELD_INVALID',
  found: string,
  path: string,
): ContractError {
  return new ContractError(code, `The conversation is not what the message says: ${found}.`, path);
}
