import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { decodeValue, SpawnTask } from '#contracts';
import { writeDurably } from '../state/durable-file.js';
import type { TaskRecord } from './task-record.js';

const SUFFIX = '.json';

/** The tasks of this daemon, in memory and, before any change is acted upon, on disk. */
export class TaskRegistry {
  private readonly records = new Map<string, TaskRecord>();
  /** One write after the other: what was remembered last is what stays on disk. */
  private readonly writing = pLimit(1);

  private constructor(private readonly folder: string) {}

  static async open(folder: string): Promise<TaskRegistry> {
    const registry = new TaskRegistry(folder);
    for (const file of await readdir(folder)) {
      if (file.endsWith(SUFFIX)) registry.remember(await readRecord(join(folder, file)));
    }
    return registry;
  }

  get(taskId: string): TaskRecord | undefined {
    return this.records.get(taskId);
  }

  all(): TaskRecord[] {
    return [...this.records.values()];
  }

  /** Tasks whose process runs or is about to. */
  active(): TaskRecord[] {
    return this.all().filter((record) => record.phase !== 'ended');
  }

  /** Replaces the record of `record.spawn.taskId`; known at once, durable once it resolves. */
  async put(record: TaskRecord): Promise<void> {
    const { taskId } = record.spawn;
    this.remember(record);
    await this.writing(() =>
      writeDurably(join(this.folder, taskId + SUFFIX), JSON.stringify(this.records.get(taskId), null, 2)),
    );
  }

  /** Changes some fields of a known task. */
  async update(taskId: string, change: Partial<TaskRecord>): Promise<TaskRecord> {
    const record = this.records.get(taskId);
    if (!record) throw new Error(`Task ${taskId} is not known to this daemon.`);
    const changed = { ...record, ...change };
    await this.put(changed);
    return changed;
  }

  private remember(record: TaskRecord): void {
    this.records.set(record.spawn.taskId, record);
  }
}

async function readRecord(path: string): Promise<TaskRecord> {
  const record = JSON.parse(await readFile(path, 'utf8')) as TaskRecord;
  return { ...record, spawn: decodeValue(SpawnTask, record.spawn) };
}
