import { randomBytes } from 'node:crypto';
import type { EncryptionKey } from '#runtime';
import type { DataSource } from 'typeorm';
import { DatabaseUnavailableError } from '../database-error.js';
import { seal, unseal } from './seal.js';

const KEY_BYTES = 32;
const SEAL_BYTES = 28;

/** The key of a task as the database has it. */
export interface WrappedKey {
  taskId: string;
  /** Of the key that it is wrapped by. */
  keyId: string;
  wrappedKey: Buffer;
}

/**
 * This process lacks the key that something was sealed by. Another configuration helps, and until then the
 * same work may be tried again: nothing is refused for it.
 */
export class EncryptionKeyError extends DatabaseUnavailableError {}

/** Makes, wraps and unwraps the keys of tasks. Pure, but for the random keys. */
export class KeyRing {
  /** @param keys at least one; the first wraps */
  constructor(private readonly keys: readonly EncryptionKey[]) {}

  /** A new key for a task. */
  make(taskId: string): WrappedKey {
    const { id: keyId, key } = this.keys[0]!;
    const { data, seal: sealed } = seal(key, randomBytes(KEY_BYTES), contextOf(taskId));
    return { taskId, keyId, wrappedKey: Buffer.concat([sealed, data]) };
  }

  /** @throws EncryptionKeyError */
  unwrap({ taskId, keyId, wrappedKey }: WrappedKey): Buffer {
    const found = this.keys.find(({ id }) => id === keyId);
    if (found === undefined) {
      throw new EncryptionKeyError(
        `The key "${keyId}" of task ${taskId} is not among this process's encryption keys.`,
      );
    }
    const [sealed, data] = [wrappedKey.subarray(0, SEAL_BYTES), wrappedKey.subarray(SEAL_BYTES)];
    const key = unseal(found.key, data, sealed, contextOf(taskId));
    if (key !== null) return key;
    throw new EncryptionKeyError(
      `The key "${keyId}" of this process is not the one that wrapped that of task ${taskId}.`,
    );
  }

  has(keyId: string): boolean {
    return this.keys.some(({ id }) => id === keyId);
  }
}

/** So that a key cannot be moved to another task. */
function contextOf(taskId: string): string {
  return `task-key ${taskId}`;
}

const rings = new WeakMap<DataSource, KeyRing>();

/** Has everything that is written through this data source sealed. */
export function sealWith(dataSource: DataSource, keys: readonly EncryptionKey[]): void {
  if (keys.length > 0) rings.set(dataSource, new KeyRing(keys));
}

/** Undefined: nothing is sealed. */
export function keyRingOf(db: { dataSource?: DataSource }): KeyRing | undefined {
  return db.dataSource && rings.get(db.dataSource);
}
