import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { Pool } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { eventually, useTcpProxy, type TcpProxy } from '#testing';
import type { AppProcess, StackOptions } from '#embedded';
import { useDrivenStack, type Driver } from './use-driven-stack.js';

const SUFFIX = '.checkpoint';

export interface StoredRow {
  event_id: string;
  number: number;
  captured_at: Date;
  created_at: Date;
  expires_at: Date | null;
}

/**
 * One daemon that captures every second, a network of its own to NATS, and a task that waits while the test
 * edits its worktree. It makes no WIP commits: an edit between the commit and the capture of one heartbeat
 * would be captured twice, once with each HEAD.
 */
export class AgentUnderTest {
  taskId = '';
  worktreeDir = '';

  constructor(
    readonly driver: Driver,
    readonly daemonId: string,
    readonly network: () => TcpProxy,
    readonly postgres: () => Pool,
  ) {}

  get process(): AppProcess {
    return this.driver.stack.agent(this.daemonId);
  }

  get folder(): string {
    return this.driver.stack.stateDirOf(this.daemonId);
  }

  /** Starts the daemon, again if it was killed. */
  start(environment: Record<string, string> = {}): Promise<AppProcess> {
    return this.driver.stack.startAgent(this.daemonId, {
      NATS_URL: this.network().inFrontOf(this.driver.stack.nats.url),
      PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '1',
      PATCHPOINT_HEARTBEAT_COMMIT: 'false',
      PATCHPOINT_TASK_STOP_SECONDS: '1',
      ...environment,
    });
  }

  /**
   * Resolves when the first checkpoint, of a worktree without changes, is stored: what is spooled from then
   * on are edits.
   */
  async beginTask(): Promise<void> {
    const { id } = await this.driver.patchStore.createTask({
      id: uuidv7(),
      name: 'edited by the test',
      runner: 'shell',
      daemonId: this.daemonId,
      repoUrl: 'new://example',
      plan: 'while :; do sleep 1; done',
    });
    this.taskId = id;
    await this.untilRunning();
    this.worktreeDir = (await this.driver.patchStore.task(id)).worktreePath!;
    await eventually(async () => expect(await this.rows()).toHaveLength(1), { timeoutMs: 60_000 });
    await this.untilStored([]);
  }

  async untilRunning(): Promise<void> {
    await eventually(
      async () => expect((await this.driver.patchStore.task(this.taskId)).state).toBe('running'),
      { timeoutMs: 60_000, intervalMs: 100 },
    );
  }

  /** In one step: no capture sees half of it. */
  edit(file: string, content: string | Buffer = `${file} ${uuidv7()}\n`): void {
    const written = join(this.folder, 'edit.tmp');
    writeFileSync(written, content);
    renameSync(written, join(this.worktreeDir, file));
  }

  /** Event ids in the spool, oldest first. */
  spooled(): string[] {
    return readdirSync(join(this.folder, 'spool'))
      .filter((file) => file.endsWith(SUFFIX))
      .map((file) => basename(file, SUFFIX))
      .sort();
  }

  spoolFile(eventId: string): string {
    return join(this.folder, 'spool', `${eventId}${SUFFIX}`);
  }

  log(): string {
    return readFileSync(this.process.logFile, 'utf8');
  }

  /** Edits, and waits until exactly `count` checkpoints wait in the spool. */
  async editUntilSpooled(file: string, count: number, content?: Buffer): Promise<string[]> {
    this.edit(file, content);
    return eventually(
      () => {
        expect(this.spooled()).toHaveLength(count);
        return this.spooled();
      },
      { timeoutMs: 60_000 },
    );
  }

  async rows(): Promise<StoredRow[]> {
    const { rows } = await this.postgres().query<StoredRow>(
      `SELECT c.event_id, c.number, c.captured_at, c.created_at, p.expires_at
         FROM task_checkpoints c LEFT JOIN checkpoint_patches p ON p.id = c.patch_id
        WHERE c.task_id = $1 ORDER BY c.number`,
      [this.taskId],
    );
    return rows;
  }

  /** Waits until each of these is stored once, confirmed to the daemon, and nothing else is on its way. */
  async untilStored(eventIds: readonly string[]): Promise<void> {
    await eventually(
      async () => {
        const stored = (await this.rows()).map((row) => row.event_id);
        for (const eventId of eventIds) expect(stored.filter((id) => id === eventId)).toEqual([eventId]);
        expect(this.spooled()).toEqual([]);
      },
      { timeoutMs: 60_000, intervalMs: 50 },
    );
  }

  /**
   * Edits, and waits until that is stored and nothing is on its way. A daemon that was started again captures
   * only after patch-store has confirmed its task: cut off before that, it would wait.
   */
  async untilCapturing(file: string): Promise<void> {
    const { event_id } = await this.editUntilStored(file);
    await this.untilStored([event_id]);
  }

  /** Edits, and waits until a checkpoint that was made after that is stored. */
  async editUntilStored(file: string): Promise<StoredRow> {
    const before = (await this.rows()).length;
    this.edit(file);
    return eventually(
      async () => {
        const row = (await this.rows())[before];
        expect(row).toBeDefined();
        return row!;
      },
      { timeoutMs: 60_000, intervalMs: 50 },
    );
  }
}

/** Call it at the top level of a spec file or describe block. */
export function useAgent(environment: StackOptions['environment'] = {}): AgentUnderTest {
  const driver = useDrivenStack({ ingestReplicas: 1, daemonIds: [], environment });
  const network = useTcpProxy(() => driver.stack.nats.port);
  let postgres: Pool;
  const agent = new AgentUnderTest(driver, 'daemon-1', network, () => postgres);
  beforeAll(async () => {
    postgres = new Pool({ connectionString: driver.stack.postgres.url, max: 2 });
    postgres.on('error', () => {});
    await agent.start();
    await agent.beginTask();
  }, 180_000);
  afterAll(() => postgres?.end());
  return agent;
}
