import { EncryptionKeyError, keyRingOf, type KeyRing, type WrappedKey } from '../../sealing/key-ring.js';
import { seal, unseal, type Sealed } from '../../sealing/seal.js';
import { queryRows, type Queryable } from '../sql/query-rows.js';
import { valuesList } from '../sql/values-list.js';

/** Bytes of a task, and which: a context of its own for each row. */
export interface Payload {
  taskId: string;
  context: string;
  data: Buffer;
}

/** As {@link Sealed}; a null seal is that of what was never sealed. */
export interface StoredPayload extends Payload {
  seal: Buffer | null;
}

/**
 * Seals payloads by the keys of their tasks, which are made where there are none. Where this process has no
 * encryption keys, they stay as they are.
 *
 * @throws EncryptionKeyError
 */
export async function sealPayloads(
  db: Queryable,
  payloads: readonly Payload[],
): Promise<(Sealed | { data: Buffer; seal: null })[]> {
  const ring = keyRingOf(db);
  if (ring === undefined) {
    await requireUnencrypted(db);
    return payloads.map(({ data }) => ({ data, seal: null }));
  }
  const keys = await takeKeys(db, ring, [...new Set(payloads.map(({ taskId }) => taskId))].sort());
  return payloads.map(({ taskId, context, data }) => seal(keys.get(taskId)!, data, context));
}

/**
 * The bytes as they were before they were sealed.
 *
 * @returns null when the key of the task was deleted, and its work with it
 * @throws EncryptionKeyError
 */
export async function openPayload(
  db: Queryable,
  { taskId, context, data, seal: sealed }: StoredPayload,
): Promise<Buffer | null> {
  if (sealed === null) return data;
  const ring = keyRingOf(db);
  if (ring === undefined) {
    throw new EncryptionKeyError('It is encrypted, and this process has no PATCHPOINT_ENCRYPTION_KEY_FILE.');
  }
  const [wrapped] = await findKeys(db, [taskId]);
  return wrapped === undefined ? null : unseal(ring.unwrap(wrapped), data, sealed, context);
}

/** Databases that held nothing encrypted when this process first wrote to them. */
const unencrypted = new WeakSet<object>();

/** One process that was given no keys would write in the clear beside what others encrypt. */
async function requireUnencrypted(db: Queryable): Promise<void> {
  if (db.dataSource === undefined || unencrypted.has(db.dataSource)) return;
  const [used] = await queryRows(db, 'SELECT key_id FROM task_keys LIMIT 1');
  if (used === undefined) unencrypted.add(db.dataSource);
  else throw new EncryptionKeyError('Other work here is encrypted, and this process has no encryption keys.');
}

async function takeKeys(
  db: Queryable,
  ring: KeyRing,
  taskIds: readonly string[],
): Promise<Map<string, Buffer>> {
  let found = await findKeys(db, taskIds);
  const missing = taskIds.filter((taskId) => !found.some((key) => key.taskId === taskId));
  if (missing.length > 0) {
    await insertKeys(
      db,
      missing.map((taskId) => ring.make(taskId)),
    );
    // Another process may have been first.
    found = await findKeys(db, taskIds);
  }
  return new Map(found.map((key) => [key.taskId, ring.unwrap(key)]));
}

function findKeys(db: Queryable, taskIds: readonly string[]): Promise<WrappedKey[]> {
  return queryRows(
    db,
    `SELECT task_id AS "taskId", key_id AS "keyId", wrapped_key AS "wrappedKey"
       FROM task_keys WHERE task_id = ANY($1::uuid[])`,
    [taskIds],
  );
}

async function insertKeys(db: Queryable, keys: readonly WrappedKey[]): Promise<void> {
  const { values, parameters } = valuesList(keys, ({ taskId, keyId, wrappedKey }, parameter) => [
    `${parameter(taskId)}::uuid`,
    parameter(keyId),
    `${parameter(wrappedKey)}::bytea`,
  ]);
  await queryRows(
    db,
    `INSERT INTO task_keys (task_id, key_id, wrapped_key) VALUES ${values} ON CONFLICT DO NOTHING`,
    parameters,
  );
}
