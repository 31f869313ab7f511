-- Questions to Patchpoint's tables. Read them with a role that may only SELECT; the columns are described in the database
-- itself (`\d+ task_checkpoints`). `patch_data` is large: name the columns that you want, never `*`.

-- Tasks that run now, and how old the newest stored checkpoint of each is.
SELECT t.id, t.name, t.daemon_id, t.attempt, c.number AS checkpoint, now() - c.created_at AS age
  FROM tasks t
  LEFT JOIN task_checkpoints c ON c.task_id = t.id AND c.number = t.last_checkpoint_number
 WHERE t.state = 'running'
 ORDER BY c.created_at NULLS FIRST;

-- What a resume of each task would bring back: the newest checkpoint that is not superseded and still has its patch.
SELECT DISTINCT ON (c.task_id) c.task_id, c.number, c.message, c.files_changed, c.created_at
  FROM task_checkpoints c
 WHERE NOT c.superseded AND (c.patch_id IS NOT NULL OR c.bundle_id IS NOT NULL)
 ORDER BY c.task_id, c.attempt DESC, c.sequence DESC, c.number DESC;

-- Checkpoints that cannot be restored, with the reason.
SELECT task_id, number, created_at, coalesce(patch_absent_reason, 'expired') AS reason
  FROM task_checkpoints
 WHERE patch_id IS NULL AND bundle_id IS NULL
 ORDER BY created_at DESC;

-- Paths that captures of the last day left out.
SELECT c.task_id, c.number, o.path, o.reason
  FROM task_checkpoints c, jsonb_to_recordset(c.omissions) AS o (path text, reason text)
 WHERE c.created_at > now() - interval '1 day'
 ORDER BY c.created_at DESC;

-- Checkpoints and bytes stored per day and daemon.
SELECT date_trunc('day', c.created_at) AS day, c.daemon_id, count(DISTINCT c.id) AS checkpoints,
       coalesce(sum(p.patch_size_bytes), 0) AS bytes
  FROM task_checkpoints c
  LEFT JOIN checkpoint_patches p ON p.checkpoint_id = c.id
 GROUP BY 1, 2
 ORDER BY 1 DESC, 2;

-- What is kept now, and what expires within a day.
SELECT count(*) AS patches, pg_size_pretty(sum(patch_size_bytes)) AS size,
       count(*) FILTER (WHERE expires_at < now() + interval '1 day') AS expire_within_a_day
  FROM checkpoint_patches;

-- Daemons by how long they have been silent, with what they say they run.
SELECT id, pool, hostname, now() - last_heartbeat_at AS silent_for,
       jsonb_array_length(running_tasks) AS running, max_tasks
  FROM daemons
 ORDER BY last_heartbeat_at;

-- Messages that could not be processed, by reason.
SELECT consumer, code, count(*), max(created_at) AS newest, min(reason) AS for_example
  FROM dead_letters
 GROUP BY consumer, code
 ORDER BY count(*) DESC;
