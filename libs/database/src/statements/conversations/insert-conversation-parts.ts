import type { ConversationPart } from '../../entities/index.js';
import { queryRows, type Queryable } from '../sql/query-rows.js';
import { valuesList } from '../sql/values-list.js';

export type NewConversationPart = Omit<ConversationPart, 'createdAt'>;

/**
 * Inserts parts of conversations. A part that begins where another one does replaces it if it is longer: both
 * hold the same bytes, as far as both reach.
 *
 * @param parts no two with the same beginning
 */
export async function insertConversationParts(
  db: Queryable,
  parts: readonly NewConversationPart[],
): Promise<void> {
  const { values, parameters } = valuesList(parts, (part, parameter) => [
    `${parameter(part.taskId)}::uuid`,
    `${parameter(part.attempt)}::int`,
    parameter(part.path),
    `${parameter(part.generation)}::int`,
    `${parameter(part.startByte)}::int`,
    `${parameter(part.data)}::bytea`,
  ]);
  await queryRows(
    db,
    `INSERT INTO conversation_parts (task_id, attempt, path, generation, start_byte, data)
     VALUES ${values}
     ON CONFLICT (task_id, attempt, path, generation, start_byte) DO UPDATE SET data = excluded.data
      WHERE octet_length(conversation_parts.data) < octet_length(excluded.data)`,
    parameters,
  );
}
