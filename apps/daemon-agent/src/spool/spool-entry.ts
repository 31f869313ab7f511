import { createHash } from 'node:crypto';
import { CheckpointCreated, ContractError, decode, encode } from '#contracts';

/** A captured checkpoint on disk: the event as it will be sent, and what is too large to fit in it. */
export interface SpoolEntry {
  event: CheckpointCreated;
  /** The gzip-compressed diff, unless the event carries it. */
  patch: Buffer | null;
  /** The git bundle, unless the event carries it. */
  bundle: Buffer | null;
}

/** The bytes of a spool file are not what was written: a bit flipped, or another program wrote to it. */
export class SpoolEntryDamaged extends Error {
  override readonly name = 'SpoolEntryDamaged';
}

/*
 * File format, version 1, one file per entry, so that one rename publishes it whole:
 *
 *   patchpoint-spool-1 <sha256 of everything after this line, hex>\n
 *   <length of the event in bytes> <length of the patch in bytes>\n
 *   <event as JSON><patch, raw><bundle, raw>
 */
const MAGIC = 'patchpoint-spool-1';
const HEADER_BYTES = MAGIC.length + 1 + 64 + 1;

export function encodeSpoolEntry(entry: SpoolEntry): Buffer {
  const event = encode(entry.event);
  const patch = entry.patch ?? Buffer.alloc(0);
  const bundle = entry.bundle ?? Buffer.alloc(0);
  const body = Buffer.concat([Buffer.from(`${event.length} ${patch.length}\n`), event, patch, bundle]);
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
  return {
    event: readEvent(body.subarray(eventStart, patchStart)),
    patch: orNull(body.subarray(patchStart, bundleStart)),
    bundle: orNull(body.subarray(bundleStart)),
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
