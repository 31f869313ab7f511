import { createHash } from 'node:crypto';
import { CheckpointCreated, ContractError, decode, encode } from '#contracts';

/** A captured checkpoint on disk: the event as it will be sent, and what is too large to fit in it. */
export interface SpoolEntry {
  event: CheckpointCreated;
  /** The gzip-compressed diff, unless the event carries it. */
  patch: Buffer | null;
  /** The git bundle, unless the event carries it. */
  bundle: Buffer | null;
  /** What the event carries of the conversation, gzip-compressed, unless it is in it. */
  conversation?: Buffer | null;
}

/** The bytes of a spool file are not what was written: a bit flipped, or another program wrote to it. */
export class SpoolEntryDamaged extends Error {
  override readonly name = 'SpoolEntryDamaged';
}

/*
 * File format, version 1, one file per entry, so that one rename publishes it whole:
 *
 *   patchpoint-spool-1 <sha256 of everything after this line, hex>\n
 *   <lengths in bytes of event, patch and bundle, with spaces between them>\n
 *   <event as JSON><patch, raw><bundle, raw><conversation, raw>
 *
 * Entries of older versions have no length of the bundle, which is then all that follows the patch.
 */
const MAGIC = 'patchpoint-spool-1';
const HEADER_BYTES = MAGIC.length + 1 + 64 + 1;

export function encodeSpoolEntry(entry: SpoolEntry): Buffer {
  const event = encode(entry.event);
  const patch = entry.patch ?? Buffer.alloc(0);
  const bundle = entry.bundle ?? Buffer.alloc(0);
  const conversation = entry.conversation ?? Buffer.alloc(0);
  const lengths = Buffer.from(`${event.length} ${patch.length} ${bundle.length}\n`);
  const body = Buffer.concat([lengths, event, patch, bundle, conversation]);
  return Buffer.concat([Buffer.from(`${MAGIC} ${sha256(body)}\n`), body]);
}

/** @throws SpoolEntryDamaged when the file is not exactly as it was written */
export function decodeSpoolEntry(bytes: Buffer): SpoolEntry {
  const header = bytes.subarray(0, HEADER_BYTES).toString('latin1');
  const body = bytes.subarray(HEADER_BYTES);
  if (header !== `${MAGIC} ${sha256(body)}\n`) {
    throw new SpoolEntryDamaged('its checksum does not match its content');
  }
  const lengthsEnd = body.indexOf('\n');
  const lengths = body.subarray(0, lengthsEnd).toString('latin1').split(' ').map(Number);
  const eventStart = lengthsEnd + 1;
  const patchStart = eventStart + lengths[0]!;
  const bundleStart = patchStart + lengths[1]!;
  const conversationStart = lengths[2] === undefined ? body.length : bundleStart + lengths[2];
  return {
    event: readEvent(body.subarray(eventStart, patchStart)),
    patch: orNull(body.subarray(patchStart, bundleStart)),
    bundle: orNull(body.subarray(bundleStart, conversationStart)),
    conversation: orNull(body.subarray(conversationStart)),
  };
}

function orNull(bytes: Buffer): Buffer | null {
  return bytes.length > 0 ? bytes : null;
}

function readEvent(bytes: Buffer): CheckpointCreated {
  try {
    return decode(CheckpointCreated, bytes);
  } catch (error) {
    if (error instanceof ContractError) throw new SpoolEntryDamaged(error.message, { cause: error });
    throw error;
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
