import { queryRows, type Queryable } from '../sql/query-rows.js';

/** A file of the conversation of an attempt. */
export interface ConversationFileKey {
  taskId: string;
  attempt: number;
  path: string;
  generation: number;
}

export interface ConversationEnd extends ConversationFileKey {
  /** All bytes of the file before this one are stored. */
  endByte: number;
}

/**
 * How far these files are stored; none for a file of which nothing is. The caller holds the locks of their
 * tasks, and only appends to what is stored, so that there are no gaps.
 */
export function findConversationEnds(
  db: Queryable,
  files: readonly ConversationFileKey[],
): Promise<ConversationEnd[]> {
  return queryRows(
    db,
    `SELECT p.task_id AS "taskId", p.attempt, p.path, p.generation,
            max(p.start_byte + octet_length(p.data)) AS "endByte"
       FROM conversation_parts p
       JOIN unnest($1::uuid[], $2::int[], $3::text[], $4::int[]) AS asked (task_id, attempt, path, generation)
         ON (p.task_id, p.attempt, p.path, p.generation) = (asked.task_id, asked.attempt, asked.path, asked.generation)
      GROUP BY p.task_id, p.attempt, p.path, p.generation`,
    [
      files.map(({ taskId }) => taskId),
      files.map(({ attempt }) => attempt),
      files.map(({ path }) => path),
      files.map(({ generation }) => generation),
    ],
  );
}
