import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DAEMONS, type Fleet, type FleetRecord } from './fleet.js';
import type { TaskProcess } from './task-processes.js';

interface StoredRow {
  event_id: string;
  patch_sha256: string | null;
  bundle_sha256: string | null;
}

/** What must hold whenever the fleet is settled. Returns one sentence for each thing that does not. */
export async function check(
  fleet: Fleet,
  record: FleetRecord,
): Promise<{ violations: string[]; storedCount: number; lostCount: number }> {
  const stored = await storedRows(fleet);
  const lost = lostCaptures(record, stored);
  const violations = [
    ...lost,
    ...(await numberingViolations(fleet)),
    ...(await damagedPatches(fleet)),
    ...(await deadLetters(fleet)),
    ...leftBehind(fleet),
    ...runningTwice(fleet.processes(), ({ taskId }) => `task ${taskId}`),
  ];
  return { violations, storedCount: stored.size, lostCount: lost.length };
}

/** One agent process at most for each task and attempt: this holds at any moment. */
export function attemptsRunningTwice(fleet: Fleet): string[] {
  return runningTwice(fleet.processes(), ({ taskId, attempt }) => `task ${taskId} attempt ${attempt}`);
}

/** The digests are computed by Postgres from the bytes that it has. */
async function storedRows(fleet: Fleet): Promise<ReadonlyMap<string, StoredRow>> {
  const rows = await fleet.query<StoredRow>(
    `SELECT c.event_id, encode(sha256(p.patch_data), 'hex') AS patch_sha256,
            encode(sha256(b.patch_data), 'hex') AS bundle_sha256
       FROM task_checkpoints c
       LEFT JOIN checkpoint_patches p ON p.id = c.patch_id
       LEFT JOIN checkpoint_patches b ON b.id = c.bundle_id`,
  );
  return new Map(rows.map((row) => [row.event_id, row]));
}

function lostCaptures(record: FleetRecord, stored: ReadonlyMap<string, StoredRow>): string[] {
  const captured = record.captured.filter(({ success }) => success);
  return [
    ...captured.flatMap(({ eventId, patchSha256, bundleSha256 }) => {
      const row = stored.get(eventId);
      if (row === undefined) return [`checkpoint ${eventId} was captured and is not in Postgres`];
      const isExact =
        row.patch_sha256 === (patchSha256 ?? null) && row.bundle_sha256 === (bundleSha256 ?? null);
      return isExact ? [] : [`checkpoint ${eventId} has other bytes in Postgres than were captured`];
    }),
    ...record.calledStored
      .filter((eventId) => !stored.has(eventId))
      .map((eventId) => `checkpoint ${eventId} was called stored and is not in Postgres`),
  ];
}

async function numberingViolations(fleet: Fleet): Promise<string[]> {
  const gaps = await fleet.query<{ task_id: string }>(
    `SELECT c.task_id FROM task_checkpoints c JOIN tasks t ON t.id = c.task_id GROUP BY c.task_id, t.last_checkpoint_number
     HAVING min(c.number) <> 1 OR max(c.number) <> count(*) OR t.last_checkpoint_number <> count(*)`,
  );
  const twice = await fleet.query<{ task_id: string; attempt: number; sequence: number }>(
    `SELECT task_id, attempt, sequence FROM task_checkpoints GROUP BY 1, 2, 3 HAVING count(*) > 1`,
  );
  return [
    ...gaps.map((row) => `the numbers of task ${row.task_id} are not 1 to n`),
    ...twice.map((row) => `task ${row.task_id} has capture ${row.sequence} of attempt ${row.attempt} twice`),
  ];
}

async function damagedPatches(fleet: Fleet): Promise<string[]> {
  const rows = await fleet.query<{ id: string }>(
    'SELECT id FROM checkpoint_patches WHERE sha256(patch_data) <> sha256',
  );
  return rows.map(({ id }) => `patch ${id} is not what its digest says`);
}

async function deadLetters(fleet: Fleet): Promise<string[]> {
  const rows = await fleet.query<{ code: string; reason: string }>('SELECT code, reason FROM dead_letters');
  return rows.map(({ code, reason }) => `a dead letter that nobody planned: ${code} ${reason}`);
}

function leftBehind(fleet: Fleet): string[] {
  return DAEMONS.flatMap((daemonId) =>
    ['rejected', 'quarantine'].flatMap((name) =>
      readdirSync(join(fleet.stack.stateDirOf(daemonId), name)).map(
        (file) => `${daemonId} has ${name}/${file}`,
      ),
    ),
  );
}

function runningTwice(processes: readonly TaskProcess[], what: (process: TaskProcess) => string): string[] {
  const pids = new Map<string, number[]>();
  for (const process of processes) pids.set(what(process), [...(pids.get(what(process)) ?? []), process.pid]);
  return [...pids]
    .filter(([, ids]) => ids.length > 1)
    .map(([name, ids]) => `${name} runs as ${ids.join(' and ')}`);
}
