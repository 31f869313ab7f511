import { v7 as uuidv7 } from 'uuid';
import type { PatchFormat, TaskState } from '#contracts';
import { insertCheckpoints, insertPatches, insertTask, type Database, type NewPatch } from '#database';
import { aCheckpoint, aPatch, aTask } from '../../libs/database/testing/fixtures.js';

/** What has become of a checkpoint. Hours are those that a patch still has; negative: it is overdue. */
interface Fate {
  diffTtlHours?: number;
  bundleTtlHours?: number;
  superseded?: boolean;
  /** Whether it can be restored. */
  restorable: 'always' | 'unless finished' | 'never';
}

const FATES = {
  readable: { diffTtlHours: 1, restorable: 'always' },
  // Neither may a resume pick what is readable, nor the sweep spare what is overdue.
  superseded: { diffTtlHours: -1, bundleTtlHours: 1, superseded: true, restorable: 'never' },
  expired: { diffTtlHours: -1, restorable: 'unless finished' },
  deleted: { restorable: 'never' },
  'without patch': { restorable: 'never' },
  'bundle only': { bundleTtlHours: 1, restorable: 'always' },
  'bundle only, expired': { bundleTtlHours: -1, restorable: 'unless finished' },
} satisfies Record<string, Fate>;

type FateName = keyof typeof FATES;
const FATE_NAMES = Object.keys(FATES) as FateName[];

const UNFINISHED: readonly TaskState[] = ['spawning', 'running', 'lost', 'released'];
const FINISHED: readonly TaskState[] = ['completed', 'failed', 'stopped'];

/** From the oldest to the newest. Their numbers, the order in which they were stored, say nothing. */
const PLACES = [
  { attempt: 1, sequence: 4, number: 2 },
  { attempt: 1, sequence: 5, number: 3 },
  { attempt: 2, sequence: 1, number: 1 },
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

function overdueFormat({ diffTtlHours }: Fate): PatchFormat {
  return diffTtlHours === undefined ? 'git-bundle' : 'git-diff';
}

export interface StoredTask {
  row: Row;
  taskId: string;
}

/** Stores a task for each row, in one transaction. */
export async function storeTasks(database: Database, rows: readonly Row[]): Promise<StoredTask[]> {
  const tasks = rows.map((row) => ({ row, taskId: uuidv7() }));
  const stored = tasks.flatMap(({ row, taskId }) =>
    row.fates.map((name, index) => checkpointOf(taskId, PLACES[index]!, name)),
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

function checkpointOf(taskId: string, place: (typeof PLACES)[number], name: FateName) {
  const { diffTtlHours, bundleTtlHours, superseded = false }: Fate = FATES[name];
  const checkpointId = uuidv7();
  const patchOf = (format: PatchFormat, ttlHours: number | undefined): NewPatch | null =>
    ttlHours === undefined ? null : aPatch({ taskId, checkpointId, format, ttlHours });
  const diff = patchOf('git-diff', diffTtlHours);
  const bundle = patchOf('git-bundle', bundleTtlHours);
  const checkpoint = aCheckpoint({
    id: checkpointId,
    taskId,
    ...place,
    patchId: diff?.id ?? null,
    bundleId: bundle?.id ?? null,
    // A patch that was deleted leaves no reason behind.
    patchAbsentReason: diff === null && name !== 'deleted' ? 'too-large' : null,
    superseded,
  });
  return { checkpoint, patches: [diff, bundle].filter((patch) => patch !== null) };
}
