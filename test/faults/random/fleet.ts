import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { PatchStoreClient } from '#client';
import type { TaskView } from '#contracts';
import { startStack, type AppProcess, type Stack } from '#embedded';
import { CaptureRecord, type Captured } from './capture-record.js';
import { taskProcesses, type TaskProcess } from './task-processes.js';

export const DAEMONS = ['daemon-1', 'daemon-2'] as const;
export const INGEST_REPLICAS = ['checkpoint-ingest-1', 'checkpoint-ingest-2'] as const;
const TASKS_COUNT = 4;

/**
 * Edits a few files again and again; every ninth time one that is too large to ride inside of its message.
 */
const PLAN = `n=0
while :; do
  if [ -e "$FAULT_PAUSE_FILE" ]; then sleep 0.2; continue; fi
  n=$((n + 1))
  echo "attempt $PATCHPOINT_ATTEMPT edit $n" >> "notes-$((n % 5)).txt"
  if [ $((n % 9)) = 0 ]; then head -c 400000 /dev/urandom > image.bin; fi
  sleep 0.5
done
`;

/** What must be in Postgres once nothing is on its way. */
export interface FleetRecord {
  readonly captured: readonly Captured[];
  /** Event ids that the daemons' logs call stored. */
  readonly calledStored: readonly string[];
}

/** A running Patchpoint with tasks that keep editing, and what is known of it from outside. */
export class Fleet {
  readonly captures: CaptureRecord;
  readonly taskIds: readonly string[] = Array.from({ length: TASKS_COUNT }, () => uuidv7());
  /** In the environment of every process of this run, agents' programs included. */
  readonly marker: string;
  private readonly pauseFile: string;

  private constructor(
    readonly folder: string,
    readonly stack: Stack,
  ) {
    this.captures = new CaptureRecord(join(folder, 'captures'));
    this.pauseFile = pauseFileIn(folder);
    this.marker = markerOf(folder);
  }

  static async start(folder: string): Promise<Fleet> {
    const stack = await startStack({
      dataDir: join(folder, 'stack'),
      ingestReplicas: INGEST_REPLICAS.length,
      daemonIds: DAEMONS,
      isOpen: true,
      environment: {
        'daemon-agent': {
          PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '1',
          PATCHPOINT_HEARTBEAT_COMMIT: 'false',
          PATCHPOINT_MAX_TASKS: String(TASKS_COUNT),
          PATCHPOINT_TASK_STOP_SECONDS: '1',
          FAULT_PAUSE_FILE: pauseFileIn(folder),
          FAULT_RUN: folder,
          PATCHPOINT_AGENT_ENVIRONMENT: 'FAULT_*',
        },
        janitor: {
          PATCHPOINT_SWEEP_INTERVAL_SECONDS: '1',
          PATCHPOINT_WATCH_INTERVAL_SECONDS: '1',
          PATCHPOINT_SPAWN_TIMEOUT_SECONDS: '10',
        },
      },
    });
    const fleet = new Fleet(folder, stack);
    for (const daemonId of DAEMONS) fleet.captures.follow(fleet.spoolOf(daemonId));
    for (const id of fleet.taskIds) {
      await fleet.patchStore.createTask({
        id,
        name: 'load',
        runner: 'shell',
        plan: PLAN,
        repoUrl: 'new://load',
      });
    }
    return fleet;
  }

  get patchStore(): PatchStoreClient {
    return new PatchStoreClient(this.stack.patchStore.url);
  }

  app(name: string): AppProcess {
    return this.stack.apps.find((app) => app.name === name)!;
  }

  spoolOf(daemonId: string): string {
    return join(this.stack.stateDirOf(daemonId), 'spool');
  }

  processes(): TaskProcess[] {
    return taskProcesses(this.marker);
  }

  pauseLoad(): void {
    closeSync(openSync(this.pauseFile, 'w'));
  }

  resumeLoad(): void {
    rmSync(this.pauseFile, { force: true });
  }

  /** Sends every task that nobody runs, or is about to, on its way again, as a person would. */
  async resumeIdleTasks(): Promise<void> {
    const views = await Promise.all(this.taskIds.map((id) => this.patchStore.task(id)));
    await Promise.all(
      views
        .filter((task) => this.isIdle(task))
        .map((task) => this.patchStore.resumeTask(task.id, { force: true })),
    );
  }

  record(): FleetRecord {
    const logs = DAEMONS.map((daemonId) =>
      readFileSync(join(this.stack.runDir, `${daemonId}.log`), 'utf8'),
    ).join('');
    const stored = logs.matchAll(/"msg":"stored"[^\n]*"eventId":"([0-9a-f-]{36})"/g);
    return {
      captured: this.captures.expected(),
      calledStored: Array.from(stored, ([, eventId]) => eventId!),
    };
  }

  async query<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
    const client = new Client({ connectionString: this.stack.postgres.url });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query<Row>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** Stops everything. May be called twice. */
  async stop(): Promise<void> {
    this.captures.close();
    await this.stack.stop();
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  noteFailure(violations: readonly string[]): void {
    writeFileSync(join(this.folder, 'violations.txt'), violations.join('\n'));
  }

  /** Ended somehow; or said to run, while no process of that attempt does. */
  private isIdle(task: TaskView): boolean {
    if (task.state === 'spawning') return false;
    if (task.state !== 'running') return true;
    return !this.processes().some(
      ({ taskId, attempt }) => taskId === task.id && attempt === String(task.attempt),
    );
  }
}

function pauseFileIn(folder: string): string {
  return join(folder, 'pause');
}

function markerOf(folder: string): string {
  return `FAULT_RUN=${folder}`;
}
