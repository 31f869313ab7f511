import { beforeAll, describe, expect, it } from '@jest/globals';
import pLimit from 'p-limit';
import { PatchStoreClient } from '#client';
import { subjects, type RecoveryView, type SpawnTask, type TaskSummary } from '#contracts';
import { latestRestorablePatch, queryRows } from '#database';
import { OutboxTransaction } from '#outbox';
import { eventually } from '#testing';
import { statusView } from '../apps/cli/src/commands/tasks/status.view.js';
import { plain } from '../apps/cli/src/output/paint.js';
import { ExpiredPatchesSweep } from '../apps/janitor/src/sweeps/expired-patches.js';
import { useRunningPatchStore } from '../apps/patch-store/testing/use-running-patch-store.js';
import { restorableTable, storeTasks, type Row, type StoredTask } from './testing/restorable-table.js';

const store = useRunningPatchStore();
const client = () => new PatchStoreClient(store.url);
const rows = restorableTable();

/** The number of a checkpoint, by the id of its task; null or absent: none. */
type Named = Map<string, number | null>;

/** Those who choose a checkpoint to restore, or say which one it would be. */
const places = {
  'the statement of a resume': (tasks: StoredTask[]) =>
    ofEach(tasks, async ({ taskId }) => {
      const { checkpoint } = await latestRestorablePatch(store.database.manager, taskId);
      return checkpoint?.number ?? null;
    }),

  'the view of a task': (tasks: StoredTask[]) =>
    ofEach(tasks, async ({ taskId }) => restorableIn(await client().task(taskId))),

  'the list of tasks': () => ofList(restorableIn),

  '`patchpoint status`': () => ofList(restorableInStatus),
};

async function ofEach(tasks: StoredTask[], ask: (task: StoredTask) => Promise<number | null>) {
  const answers = await pLimit(4).map(tasks, async (task) => [task.taskId, await ask(task)] as const);
  return new Map(answers);
}

async function ofList(read: (task: TaskSummary) => number | null): Promise<Named> {
  const named: Named = new Map();
  for await (const task of client().tasks()) named.set(task.id, read(task));
  return named;
}

function restorableIn({ recovery }: { recovery: RecoveryView }): number | null {
  return recovery.restorableCheckpointNumber;
}

/** What people read in the last column. */
function restorableInStatus(task: TaskSummary): number | null {
  const look = { paint: plain, now: new Date() };
  const shown = statusView({ tasks: [task], daemons: { alive: 1, dead: 0 } }, look);
  const [, header, row] = shown.split('\n') as [string, string, string];
  const number = /^(?:yes, |only )@(\d+)/.exec(row.slice(header.indexOf('RESUMABLE')))?.[1];
  return number === undefined ? null : Number(number);
}

/** What is sent along when these tasks are resumed over HTTP. */
async function sentAlong(tasks: StoredTask[]): Promise<Named> {
  const sent: Named = new Map();
  const connection = await store.nats.connection();
  const subscription = connection.subscribe(subjects.poolSpawnTask('default'), {
    callback: (_error, message) => {
      const { taskId, checkpointNumber } = message.json<SpawnTask>();
      sent.set(taskId, checkpointNumber ?? null);
    },
  });
  await connection.flush();
  await pLimit(4).map(tasks, ({ taskId }) => client().resumeTask(taskId, { force: true }));
  await eventually(() => expect(sent.size).toBe(tasks.length));
  subscription.unsubscribe();
  return sent;
}

async function sweep(): Promise<void> {
  const outbox = new OutboxTransaction(store.database, { wake: () => undefined });
  await new ExpiredPatchesSweep(3600, outbox).run(new AbortController().signal);
}

/** The patches that could be swept, as `number format`. */
async function overduePatches(): Promise<Map<string, string[]>> {
  const patches = await queryRows<{ taskId: string; patches: string[] }>(
    store.database.manager,
    `SELECT p.task_id AS "taskId", array_agg(c.number || ' ' || p.format) AS patches
       FROM checkpoint_patches p JOIN task_checkpoints c ON c.id = p.checkpoint_id
      WHERE p.expires_at <= now()
      GROUP BY p.task_id`,
  );
  return new Map(patches.map(({ taskId, patches }) => [taskId, patches]));
}

/** So that a difference names the row. */
function byRow<Value>(tasks: StoredTask[], value: (task: StoredTask) => Value): Record<string, Value> {
  return Object.fromEntries(tasks.map((task) => [task.row.name, value(task)]));
}

function expectRestorable(tasks: StoredTask[], named: Named): void {
  const answers = byRow(tasks, ({ taskId }) => named.get(taskId) ?? null);
  expect(answers).toEqual(byRow(tasks, ({ row }) => row.restorable));
}

describe('the checkpoint of a task that can be restored', () => {
  let tasks: StoredTask[];

  beforeAll(async () => {
    tasks = await storeTasks(store.database, rows);
  });

  describe.each(['before', 'after'])('%s a sweep', (when) => {
    beforeAll(async () => {
      if (when === 'after') await sweep();
    });

    it.each(Object.keys(places) as (keyof typeof places)[])('is the same for %s', async (place) => {
      expectRestorable(tasks, await places[place](tasks));
    });
  });

  it('is the only one whose overdue patches the sweep has spared', async () => {
    const left = await overduePatches();
    const answers = byRow(tasks, ({ taskId }) => left.get(taskId) ?? []);
    expect(answers).toEqual(byRow(tasks, ({ row }) => row.spared));
  });
});

describe('a resume over HTTP', () => {
  const hasTwo = ({ fates }: Row) => fates.length === 2;

  it('sends it along', async () => {
    const tasks = await storeTasks(store.database, rows.filter(hasTwo));
    expectRestorable(tasks, await sentAlong(tasks));
  });
});
