import {
  JetStreamApiError,
  type ConsumerConfig,
  type ConsumerInfo,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { configDifference } from './config-difference.js';
import { consumerConfig, type ConsumerDeclaration } from './consumers.js';
import { unlessMissing } from './missing.js';
import type { StreamDeclaration } from './streams.js';

/** err_code of the server's answer that it cannot reserve a stream's `max_bytes`. */
const STORAGE_EXCEEDED = 10047;

/** A stream smaller than this is of no use. */
const SMALLEST_STREAM_BYTES = 16 * 1024 * 1024;

/** What became of one stream or consumer. */
export type EnsureOutcome =
  | { readonly kind: 'unchanged' | 'created' | 'updated' }
  /** It was made, but smaller than declared: the server has no more storage. */
  | { readonly kind: 'created-smaller'; readonly maxBytes: number }
  /** It exists and works, but otherwise than declared, and the server does not change that in place. */
  | { readonly kind: 'differs'; readonly fields: readonly string[]; readonly cause: Error };

/**
 * Makes a stream, or brings it to its declaration. May run again, and in several processes at once.
 *
 * @throws JetStreamApiError when the server refuses to make it; the client's error when it cannot be asked
 */
export async function ensureStream(
  manager: JetStreamManager,
  declared: StreamDeclaration & { num_replicas: number },
): Promise<EnsureOutcome> {
  const existing = await unlessMissing(manager.streams.info(declared.name));
  if (existing) return updateStream(manager, declared, existing);
  try {
    const maxBytes = await addAsLargeAsFits(manager, declared);
    return maxBytes === declared.max_bytes ? { kind: 'created' } : { kind: 'created-smaller', maxBytes };
  } catch (error) {
    // Another process may have made it since we looked, with other options.
    const made = await unlessMissing(manager.streams.info(declared.name));
    if (!made) throw error;
    return updateStream(manager, declared, made);
  }
}

/**
 * Halves `max_bytes` until the server can reserve it: without this, nothing works on a machine with a nearly
 * full disk.
 *
 * @returns the `max_bytes` that it has
 */
async function addAsLargeAsFits(manager: JetStreamManager, declared: StreamDeclaration): Promise<number> {
  for (let maxBytes = declared.max_bytes; ; maxBytes = Math.floor(maxBytes / 2)) {
    try {
      await manager.streams.add({ ...declared, max_bytes: maxBytes });
      return maxBytes;
    } catch (error) {
      const isTooLarge = error instanceof JetStreamApiError && error.code === STORAGE_EXCEEDED;
      if (!isTooLarge || maxBytes < SMALLEST_STREAM_BYTES) throw error;
    }
  }
}

async function updateStream(
  manager: JetStreamManager,
  declared: StreamDeclaration,
  existing: StreamInfo,
): Promise<EnsureOutcome> {
  const fields = configDifference(declared, existing.config);
  if (fields.length === 0) return { kind: 'unchanged' };
  try {
    const changed: Partial<StreamConfig> = { ...existing.config, ...declared };
    await manager.streams.update(declared.name, changed);
    return { kind: 'updated' };
  } catch (error) {
    return differs(fields, error);
  }
}

/**
 * Makes a durable consumer, or brings it to its declaration. May run again, and in several processes at once.
 *
 * @throws StreamNotFoundError when its stream is not there; JetStreamApiError when the server refuses to make
 *   it; the client's error when it cannot be asked
 */
export async function ensureConsumer(
  manager: JetStreamManager,
  declaration: ConsumerDeclaration,
): Promise<{ readonly info: ConsumerInfo; readonly outcome: EnsureOutcome }> {
  const { stream, durableName } = declaration;
  const config = consumerConfig(declaration);
  const existing = await unlessMissing(manager.consumers.info(stream, durableName));
  if (!existing) {
    return { info: await manager.consumers.add(stream, config), outcome: { kind: 'created' } };
  }
  const fields = configDifference(config, existing.config);
  if (fields.length === 0) return { info: existing, outcome: { kind: 'unchanged' } };
  try {
    const changed: Partial<ConsumerConfig> = { ...existing.config, ...config };
    const info = await manager.consumers.update(stream, durableName, changed);
    return { info, outcome: { kind: 'updated' } };
  } catch (error) {
    return { info: existing, outcome: differs(fields, error) };
  }
}

/** A refusal is an outcome; a server that cannot be asked is an error. */
function differs(fields: readonly string[], error: unknown): EnsureOutcome {
  if (!(error instanceof JetStreamApiError)) throw error;
  return { kind: 'differs', fields, cause: error };
}
