import { v7 as uuidv7 } from 'uuid';
import type { PatchFormat, TaskState } from '#contracts';
import { insertCheckpoints, insertPatches, insertTask, type Database } from '#database';
import { aTask } from '../../libs/database/testing/fixtures.js';
import { recordedRows, type Recorded } from '../../libs/database/testing/task-with-checkpoints.js';

/** What has become of a checkpoint. */
interface Fate extends Omit<Recorded, 'number'> {
  /** Whether it can be restored. */
  restorable: 'always' | 'unless finished' | 'never';
}

const FATES = {
  readable: { expiresInHours: 1, restorable: 'always' },
  // Neither may a resume pick what is readable, nor the sweep spare what is overdue.
  superseded: { expiresInHours: -1, bundleExpiresInHours: 1, superseded: true, restorable: 'never' },
  expired: { expiresInHours: -1, restorable: 'unless finished' },
  deleted: { patchAbsentReason: null, restorable: 'never' },
  'without patch': { restorable: 'never' },
  'bundle only': { bundleExpiresInHours: 1, restorable: 'always' },
  'bundle only, expired': { bundleExpiresInHours: -1, restorable: 'unless finished' },
} satisfies Record<string, Fate>;

type FateName = keyof typeof FATES;
const FATE_NAMES = Object.keys(FATES) as FateName[];

const UNFINISHED: readonly TaskState[] = ['spawning', 'running', 'lost', 'released'];
const FINISHED: readonly TaskState[] = ['completed', 'failed', 'stopped'];

/** From the oldest to the newest. Their numbers, the order in which they were stored, say nothing. */
const PLACES = [
  { attempt: 1, sequence: 4, number: 3 },
  { attempt: 1, sequence: 5, number: 1 },
  { attempt: 2, sequence: 1, number: 2 },
] as const;

/** A task, and which of its checkpoints everybody is to name. */
export interface Row {
  /** As `running: expired | superseded`, the newest last. */
  name: string;
  state: TaskState;
  fates: FateName[];
  /** The number of the checkpoint that can be restored. Null: none can. */
  restorable: number | null;
  /** What is overdue and not swept, as `number format`. */
  spared: string[];
}

/**
 * Every combination of fates that a task of one or two checkpoints can have, and the same two with a readable
 * one to fall back on; each finished and not.
 */
export function restorableTable(): Row[] {
  const one = FATE_NAMES.map((name) => [name]);
  const two = FATE_NAMES.flatMap((older) => FATE_NAMES.map((newer) => [older, newer]));
  const three = two.map((newer): FateName[] => ['readable', ...newer]);
  return [UNFINISHED, FINISHED].flatMap((states) =>
    [...one, ...two, ...three].map((fates, index) => rowOf(states[index % states.length]!, fates)),
  );
}

function rowOf(state: TaskState, fates: FateName[]): Row {
  const candidates = FINISHED.includes(state) ? ['always'] : ['always', 'unless finished'];
  const index = fates.findLastIndex((name) => candidates.includes(FATES[name].restorable));
  const number = PLACES[index]?.number ?? null;
  const fate: Fate | undefined = FATES[fates[index]!];
  const spared = fate?.restorable !== 'unless finished' ? [] : [`${number} ${overdueFormat(fate)}`];
  return { name: `${state}: ${fates.join(' | ')}`, state, fates, restorable: number, spared };
}

function overdueFormat({ expiresInHours }: Fate): PatchFormat {
  return expiresInHours === undefined ? 'git-bundle' : 'git-diff';
}

export interface StoredTask {
  row: Row;
  taskId: string;
}

/** Stores a task for each row, in one transaction. */
export async function storeTasks(database: Database, rows: readonly Row[]): Promise<StoredTask[]> {
  const tasks = rows.map((row) => ({ row, taskId: uuidv7() }));
  const stored = tasks.flatMap(({ row, taskId }) =>
    row.fates.map((name, index) => {
      const { restorable: _, ...recorded }: Fate = FATES[name];
      return recordedRows(taskId, { ...PLACES[index]!, ...recorded });
    }),
  );
  await database.transaction(async (manager) => {
    for (const { taskId: id, row } of tasks) {
      await insertTask(manager, aTask({ id, name: row.name, state: row.state, attempt: 2 }));
    }
    await insertCheckpoints(
      manager,
      stored.map(({ checkpoint }) => checkpoint),
    );
    await insertPatches(
      manager,
      stored.flatMap(({ patches }) => patches),
    );
  });
  return tasks;
}
