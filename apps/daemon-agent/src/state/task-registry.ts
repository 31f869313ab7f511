import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import pLimit from 'p-limit';
import { decode, jsonOf, JsonText, parseJson, SpawnTask } from '#contracts';
import { writeDurably } from './durable-file.js';
import type { TaskRecord } from './task-record.js';

const SUFFIX = '.json';

/** The tasks of this daemon, in memory and, before any change is acted upon, on disk. */
export class TaskRegistry {
  private readonly logger = new Logger(TaskRegistry.name);
  private readonly records = new Map<string, TaskRecord>();
  /** One write at a time: the disk ends up with what was remembered last. */
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

  /**
   * Replaces the record of `record.spawn.taskId`; durable once it resolves.
   *
   * @throws DiskFullError; the previous record is then in force again
   */
  async put(record: TaskRecord): Promise<void> {
    const { taskId } = record.spawn;
    const before = this.records.get(taskId);
    this.remember(record);
    try {
      await this.write(taskId);
    } catch (error) {
      if (this.records.get(taskId) === record) this.forgetOr(before, taskId);
      throw error;
    }
  }

  /** Changes some fields of a known task. */
  async update(taskId: string, change: Partial<TaskRecord>): Promise<TaskRecord> {
    const record = this.records.get(taskId);
    if (!record) throw new Error(`Task ${taskId} is not known to this daemon.`);
    const changed = { ...record, ...change };
    await this.put(changed);
    return changed;
  }

  /**
   * The attempt has ended. Holds until the daemon restarts, even if the disk is full; after a restart it
   * would claim the attempt again.
   */
  async end(taskId: string): Promise<void> {
    await this.note(taskId, { phase: 'ended', process: undefined });
  }

  /**
   * Changes some fields of a known task, for this life of the daemon even when the disk is full. Never
   * rejects.
   */
  async note(taskId: string, change: Partial<TaskRecord>): Promise<void> {
    this.remember({ ...this.records.get(taskId)!, ...change });
    try {
      await this.write(taskId);
    } catch (error) {
      this.logger.error({ msg: 'what happened to a task could not be kept on disk', taskId, err: error });
    }
  }

  private async write(taskId: string): Promise<void> {
    const path = join(this.folder, taskId + SUFFIX);
    await this.writing(() => writeDurably(path, textOf(this.records.get(taskId)!)));
  }

  private forgetOr(before: TaskRecord | undefined, taskId: string): void {
    if (before === undefined) this.records.delete(taskId);
    else this.records.set(taskId, before);
  }

  private remember(record: TaskRecord): void {
    this.records.set(record.spawn.taskId, record);
  }
}

/** The order keeps what it carries byte for byte. */
function textOf(record: TaskRecord): string {
  return jsonOf({ ...record, spawn: new JsonText(jsonOf(record.spawn)) });
}

async function readRecord(path: string): Promise<TaskRecord> {
  const record = parseJson(await readFile(path, 'utf8'), new Set(['spawn'])) as Omit<TaskRecord, 'spawn'> & {
    spawn: JsonText;
  };
  const order = Buffer.from(record.spawn.text);
  return { ...record, spawn: decode(SpawnTask, order, { maxBytes: order.length }) };
}
