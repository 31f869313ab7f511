import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { Logger } from '@nestjs/common';
import {
  Database,
  findTask,
  noteListening,
  OutboxRow,
  updateTask,
  type Task,
  type TaskChanges,
} from '#database';
import { useDatabase } from '#testing';
import { seedTask } from './seed.js';
import { age, seedDaemon, sweepAtOnce, watchSweeps } from './watch.js';

/**
 * Three janitors for the tests of the spec file that calls this at its top level, each of which begins with
 * empty tables and heartbeats that have been listened to for an hour.
 */
export function useWatch(): Watch {
  Logger.overrideLogger(false);
  const server = useDatabase();
  const watch = new Watch();
  beforeAll(() => watch.start(server.url));
  afterAll(() => watch.database.onApplicationShutdown());
  beforeEach(async () => {
    await watch.database.manager.query('TRUNCATE tasks, daemons, outbox, heartbeat_listener CASCADE');
    await noteListening(watch.database.manager);
    await watch.listenedFor(3600);
  });
  return watch;
}

/** Its methods stand alone. */
class Watch {
  database!: Database;
  private janitors!: ReturnType<typeof watchSweeps>[];

  async start(databaseUrl: string): Promise<void> {
    this.database = new Database({ databaseUrl, applicationName: 'spec', poolSize: 8 });
    await this.database.connected();
    this.janitors = [1, 2, 3].map(() => watchSweeps(this.database));
  }

  get steps() {
    return this.janitors[0]!.steps;
  }

  /** As if heartbeats had been listened to for so long. */
  listenedFor = async (seconds: number): Promise<void> => {
    await this.database.manager.query(
      'UPDATE heartbeat_listener SET listening_since = now() - make_interval(secs => $1)',
      [seconds],
    );
  };

  task = async (id: string): Promise<Task> => (await findTask(this.database.manager, id))!;

  sweep = async (name: 'deadDaemons' | 'lostTasks' | 'stuckSpawns'): Promise<number> => {
    const swept = await sweepAtOnce(this.janitors.map((janitor) => janitor[name]));
    return swept.reduce((sum, each) => sum + each, 0);
  };

  /** What was announced and ordered: the end of each subject, oldest first. */
  said = async (taskId?: string): Promise<string[]> => {
    const rows = await this.database.manager.find(OutboxRow, { order: { id: 'ASC' } });
    return rows
      .filter((row) => taskId === undefined || row.taskId === taskId)
      .map(({ subject }) => subject.split('.').at(-1)!);
  };

  /** A task that a daemon runs which was last heard of long ago. */
  taskOfDeadDaemon = async (): Promise<string> => {
    const id = await seedTask(this.database, 'running', 'dead');
    await seedDaemon(this.database, 'dead', { silentForSeconds: 500 });
    await age(this.database, id, 500);
    return id;
  };

  lostTask = async (fields: Partial<Task> = {}): Promise<string> => {
    const id = await this.taskOfDeadDaemon();
    await updateTask(this.database.manager, id, fields as TaskChanges);
    await this.sweep('deadDaemons');
    return id;
  };
}
