import type { ConversationPart } from '../../entities/index.js';
import { sealPayloads } from '../keys/task-keys.js';
import { queryRows, type Queryable } from '../sql/query-rows.js';
import { valuesList } from '../sql/values-list.js';

export type NewConversationPart = Omit<ConversationPart, 'createdAt' | 'seal'>;

/** Pure: what a part is sealed as. */
export function partContext({
  attempt,
  path,
  generation,
  startByte,
}: Omit<NewConversationPart, 'taskId' | 'data'>) {
  return JSON.stringify(['part', attempt, path, generation, startByte]);
}

/**
 * Inserts parts of conversations. A part that begins where another one does replaces it if it is longer: both
 * hold the same bytes, as far as both reach. Sealed where this process has encryption keys.
 *
 * @param parts no two with the same beginning
 */
export async function insertConversationParts(
  db: Queryable,
  parts: readonly NewConversationPart[],
): Promise<void> {
  const sealed = await sealPayloads(
    db,
    parts.map((part) => ({ taskId: part.taskId, context: partContext(part), data: part.data })),
  );
  const rows = parts.map((part, index) => ({ ...part, ...sealed[index]! }));
  const { values, parameters } = valuesList(rows, (part, parameter) => [
    `${parameter(part.taskId)}::uuid`,
    `${parameter(part.attempt)}::int`,
    parameter(part.path),
    `${parameter(part.generation)}::int`,
    `${parameter(part.startByte)}::int`,
    `${parameter(part.data)}::bytea`,
    `${parameter(part.seal)}::bytea`,
  ]);
  await queryRows(
    db,
    `INSERT INTO conversation_parts (task_id, attempt, path, generation, start_byte, data, seal)
     VALUES ${values}
     ON CONFLICT (task_id, attempt, path, generation, start_byte) DO UPDATE SET data = excluded.data, seal = excluded.seal
      WHERE octet_length(conversation_parts.data) < octet_length(excluded.data)`,
    parameters,
  );
}
