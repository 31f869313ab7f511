import type { ConversationFile } from '#contracts';
import { openPayload } from '../keys/task-keys.js';
import { queryRows, type Queryable } from '../sql/query-rows.js';
import { insertConversationParts, partContext } from './insert-conversation-parts.js';

interface PartKey {
  path: string;
  generation: number;
  startByte: number;
  /** As much of it as belongs to the checkpoint. */
  lengthBytes: number;
}

/**
 * Copies what is stored of these files, up to their lengths and no byte beyond: what was said after the
 * checkpoint is not part of it. The copy is sealed by the key of its own task.
 *
 * @param from whose they are; the caller holds the lock of that task
 */
export async function copyConversation(
  db: Queryable,
  from: { taskId: string; attempt: number },
  files: readonly ConversationFile[],
  to: { taskId: string; attempt: number },
): Promise<void> {
  for (const key of await findParts(db, from, files)) {
    const data = await readPart(db, from, key);
    if (data === null) return; // the key of that task was deleted
    const { path, generation, startByte, lengthBytes } = key;
    await insertConversationParts(db, [
      {
        taskId: to.taskId,
        attempt: to.attempt,
        path,
        generation,
        startByte,
        data: data.subarray(0, lengthBytes),
      },
    ]);
  }
}

function findParts(
  db: Queryable,
  { taskId, attempt }: { taskId: string; attempt: number },
  files: readonly ConversationFile[],
): Promise<PartKey[]> {
  return queryRows(
    db,
    `SELECT p.path, p.generation, p.start_byte AS "startByte",
            least(octet_length(p.data), file.length_bytes - p.start_byte) AS "lengthBytes"
       FROM conversation_parts p
       JOIN unnest($3::text[], $4::int[], $5::int[]) AS file (path, generation, length_bytes)
         ON (p.path, p.generation) = (file.path, file.generation) AND p.start_byte < file.length_bytes
      WHERE p.task_id = $1 AND p.attempt = $2`,
    [
      taskId,
      attempt,
      files.map(({ path }) => path),
      files.map(({ generation }) => generation),
      files.map(({ lengthBytes }) => lengthBytes),
    ],
  );
}

/** One at a time: a conversation may be 128 MiB. */
async function readPart(
  db: Queryable,
  { taskId, attempt }: { taskId: string; attempt: number },
  { path, generation, startByte }: PartKey,
): Promise<Buffer | null> {
  const [part] = await queryRows<{ data: Buffer; seal: Buffer | null }>(
    db,
    `SELECT data, seal FROM conversation_parts
      WHERE (task_id, attempt, path, generation, start_byte) = ($1, $2, $3, $4, $5)`,
    [taskId, attempt, path, generation, startByte],
  );
  const context = partContext({ attempt, path, generation, startByte });
  return openPayload(db, { ...part!, taskId, context });
}
