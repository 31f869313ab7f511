import { openPayload } from '../keys/task-keys.js';
import { partContext } from './insert-conversation-parts.js';
import { queryRows, type Queryable } from '../sql/query-rows.js';
import type { ConversationFileKey } from './find-conversation-ends.js';

/**
 * Bytes of a file from `offsetBytes` on: at least one and at most `lengthBytes`.
 *
 * @returns null if that byte is not stored, or no longer, or the key of its task was deleted
 * @throws EncryptionKeyError
 */
export async function readConversationSlice(
  db: Queryable,
  { taskId, attempt, path, generation }: ConversationFileKey,
  { offsetBytes, lengthBytes }: { offsetBytes: number; lengthBytes: number },
): Promise<Buffer | null> {
  const [row] = await queryRows<{ data: Buffer; seal: Buffer | null; startByte: number }>(
    db,
    `SELECT seal, start_byte AS "startByte",
            CASE WHEN seal IS NULL THEN substring(data FROM $5::int - start_byte + 1 FOR $6::int) ELSE data END AS data
       FROM conversation_parts
      WHERE (task_id, attempt, path, generation) = ($1, $2, $3, $4)
        AND start_byte <= $5 AND start_byte + octet_length(data) > $5
      ORDER BY start_byte + octet_length(data) DESC
      LIMIT 1`,
    [taskId, attempt, path, generation, offsetBytes, lengthBytes],
  );
  if (row === undefined) return null;
  if (row.seal === null) return row.data;
  const context = partContext({ attempt, path, generation, startByte: row.startByte });
  const data = await openPayload(db, { ...row, taskId, context });
  const from = offsetBytes - row.startByte;
  return data && data.subarray(from, from + lengthBytes);
}
