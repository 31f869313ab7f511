import type { Database } from '#database';
import { upsertDaemon } from '#database';
import { OutboxTransaction } from '#outbox';
import { DaemonRegistry, ResumeDueTask, TaskSteps } from '#tasks';
import { v7 as uuidv7 } from 'uuid';
import type { Sweep } from '../src/sweep.js';
import { DeadDaemonsSweep } from '../src/sweeps/dead-daemons.js';
import { LostTasksSweep } from '../src/sweeps/lost-tasks.js';
import { StuckSpawnsSweep } from '../src/sweeps/stuck-spawns.js';

export const DAEMON_TIMEOUT_SECONDS = 120;
export const SPAWN_TIMEOUT_SECONDS = 60;
export const MAX_RESUMES = 5;

/** The sweeps that watch tasks, as one janitor has them. Their announcements stay in the outbox. */
export function watchSweeps(database: Database) {
  const steps = new TaskSteps(new OutboxTransaction(database, { wake: () => {} }));
  const daemons = new DaemonRegistry({ daemonTimeoutSeconds: DAEMON_TIMEOUT_SECONDS });
  const timeouts = {
    daemonTimeoutSeconds: DAEMON_TIMEOUT_SECONDS,
    spawnTimeoutSeconds: SPAWN_TIMEOUT_SECONDS,
  };
  return {
    steps,
    deadDaemons: new DeadDaemonsSweep(10, DAEMON_TIMEOUT_SECONDS, steps),
    lostTasks: new LostTasksSweep(10, MAX_RESUMES, new ResumeDueTask(steps, daemons)),
    stuckSpawns: new StuckSpawnsSweep(10, timeouts, steps, daemons),
  };
}

/** Runs a sweep in several processes concurrently; returns how many items each has handled. */
export async function sweepAtOnce(sweeps: readonly Sweep[]): Promise<number[]> {
  const { signal } = new AbortController();
  return (await Promise.all(sweeps.map((sweep) => sweep.run(signal)))).map(({ swept }) => swept);
}

/** Registers a daemon whose last heartbeat was that many seconds ago. */
export async function seedDaemon(
  database: Database,
  daemonId: string,
  daemon: {
    silentForSeconds?: number;
    pool?: string;
    maxTasks?: number;
    runs?: string[];
    /** How long ago its process sent its first heartbeat. */
    processSinceSeconds?: number;
  } = {},
): Promise<void> {
  const { silentForSeconds = 0, pool = 'default', maxTasks = 4, runs = [], processSinceSeconds = 0 } = daemon;
  await upsertDaemon(database.manager, {
    schemaVersion: 1,
    eventId: uuidv7(),
    daemonId,
    pool,
    hostname: 'host',
    agentVersion: '0.1.0',
    maxTasks,
    tasks: runs.map((taskId) => ({ taskId, attempt: 1 })),
    startedAt: new Date().toISOString(),
  });
  await database.manager.query(
    `UPDATE daemons SET last_heartbeat_at = now() - make_interval(secs => $2),
                        process_since = now() - make_interval(secs => $3) WHERE id = $1`,
    [daemonId, silentForSeconds, processSinceSeconds],
  );
}

/** Moves everything about a task that many seconds into the past. */
export async function age(database: Database, taskId: string, seconds: number): Promise<void> {
  await database.manager.query(
    `UPDATE tasks SET spawned_at = spawned_at - make_interval(secs => $2), ended_at = ended_at - make_interval(secs => $2),
            resume_at = resume_at - make_interval(secs => $2) WHERE id = $1`,
    [taskId, seconds],
  );
  await database.manager.query(
    'UPDATE task_attempts SET claimed_at = claimed_at - make_interval(secs => $2) WHERE task_id = $1',
    [taskId, seconds],
  );
}
