import type { ConversationFile } from '#contracts';
import { queryRows, type Queryable } from '../sql/query-rows.js';

/**
 * Copies what is stored of these files, up to their lengths and no byte beyond: what was said after the
 * checkpoint is not part of it.
 *
 * @param from whose they are; the caller holds the lock of that task
 */
export async function copyConversation(
  db: Queryable,
  from: { taskId: string; attempt: number },
  files: readonly ConversationFile[],
  to: { taskId: string; attempt: number },
): Promise<void> {
  await queryRows(
    db,
    `INSERT INTO conversation_parts (task_id, attempt, path, generation, start_byte, data)
     SELECT $3, $4, p.path, p.generation, p.start_byte,
            substring(p.data FOR least(octet_length(p.data), file.length_bytes - p.start_byte))
       FROM conversation_parts p
       JOIN unnest($5::text[], $6::int[], $7::int[]) AS file (path, generation, length_bytes)
         ON (p.path, p.generation) = (file.path, file.generation) AND p.start_byte < file.length_bytes
      WHERE p.task_id = $1 AND p.attempt = $2`,
    [
      from.taskId,
      from.attempt,
      to.taskId,
      to.attempt,
      files.map(({ path }) => path),
      files.map(({ generation }) => generation),
      files.map(({ lengthBytes }) => lengthBytes),
    ],
  );
}
