import { queryRows, type Queryable } from '../sql/query-rows.js';
import type { ConversationFileKey } from './find-conversation-ends.js';

/**
 * Bytes of a file from `offsetBytes` on: at least one and at most `lengthBytes`.
 *
 * @returns null if that byte is not stored, or no longer
 */
export async function readConversationSlice(
  db: Queryable,
  { taskId, attempt, path, generation }: ConversationFileKey,
  range: { offsetBytes: number; lengthBytes: number },
): Promise<Buffer | null> {
  const [slice] = await queryRows<{ data: Buffer }>(
    db,
    `SELECT substring(data FROM $5::int - start_byte + 1 FOR $6::int) AS data
       FROM conversation_parts
      WHERE (task_id, attempt, path, generation) = ($1, $2, $3, $4)
        AND start_byte <= $5 AND start_byte + octet_length(data) > $5
      ORDER BY start_byte + octet_length(data) DESC
      LIMIT 1`,
    [taskId, attempt, path, generation, range.offsetBytes, range.lengthBytes],
  );
  return slice?.data ?? null;
}
