import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { ContractError, decode, encode, subjects, TaskReported } from '#contracts';
import { backoffMilliseconds } from '#runtime';
import { moveDurably, readIfThere, removeFile, writeDurably } from '../state/durable-file.js';
import { pause } from '../state/pause.js';

const SUFFIX = '.report';
const RETRY = { baseMilliseconds: 250, maxMilliseconds: 30_000 };

/** Publishes one message and resolves when JetStream has it. */
export type Publish = (subject: string, bytes: Uint8Array) => Promise<unknown>;

/**
 * Reports about tasks, on disk until JetStream has accepted them. They are sent in the order in which they
 * were made, at least once, even across restarts.
 */
export class ReportQueue {
  private readonly logger = new Logger(ReportQueue.name);
  private readonly stopped = new AbortController();
  private waiting: string[] = [];
  /** Reports that did not fit on the disk, by file name. */
  private readonly inMemory = new Map<string, Uint8Array>();
  private isFailing = false;
  private isHeld = false;
  private sending: Promise<void> | undefined;

  private constructor(
    private readonly folder: string,
    private readonly publish: Publish,
  ) {}

  static async open(folder: string, publish: Publish): Promise<ReportQueue> {
    const queue = new ReportQueue(folder, publish);
    // Event ids are UUIDv7: sorted by name is sorted by time.
    queue.waiting = (await readdir(folder)).filter((file) => file.endsWith(SUFFIX)).sort();
    return queue;
  }

  /** Starts sending, first what was left before a restart. May be called again. */
  start(): void {
    this.isHeld = false;
    this.send();
  }

  /** Sends nothing until {@link start} is called again. */
  hold(): void {
    this.isHeld = true;
  }

  /** Removes what waits about a task: the server has no attempt that it could be about. */
  async forget(taskId: string): Promise<void> {
    for (const file of this.waiting) {
      const bytes = this.inMemory.get(file) ?? (await readIfThere(join(this.folder, file)));
      if (bytes === undefined || readReport(bytes)?.taskId !== taskId) continue;
      this.waiting = this.waiting.filter((each) => each !== file);
      if (!this.inMemory.delete(file)) await removeFile(join(this.folder, file));
    }
  }

  /**
   * Durable once it resolves, unless the disk is full: then the report is kept in memory, because a report
   * that does not survive a crash is better than none. Sent in the background.
   */
  async put(report: TaskReported): Promise<void> {
    const file = report.eventId + SUFFIX;
    try {
      await writeDurably(join(this.folder, file), encode(report));
    } catch (error) {
      this.logger.error({
        msg: 'a task report could not be kept on disk',
        taskId: report.taskId,
        err: error,
      });
      this.inMemory.set(file, encode(report));
    }
    this.waiting.push(file);
    this.send();
  }

  /** Waits until everything is sent, or until the timeout. */
  async flush(timeoutMilliseconds: number): Promise<void> {
    const timeout = new Promise<void>((resolve) => setTimeout(resolve, timeoutMilliseconds).unref());
    await Promise.race([this.sending, timeout]);
  }

  /** Stops sending; unsent reports stay on disk. May be called twice. */
  stop(): void {
    this.stopped.abort();
  }

  private send(): void {
    if (!this.maySend()) return;
    this.sending ??= this.sendAll().finally(() => {
      this.sending = undefined;
      if (this.waiting.length > 0) this.send();
    });
  }

  private maySend(): boolean {
    return !this.isHeld && !this.stopped.signal.aborted;
  }

  private async sendAll(): Promise<void> {
    for (let failures = 0; this.waiting.length > 0 && this.maySend();) {
      const file = this.waiting[0]!;
      try {
        await this.sendOne(file);
        this.waiting.shift();
        failures = 0;
        this.succeeded();
      } catch (error) {
        failures += 1;
        this.failed(error);
        await pause(backoffMilliseconds(failures, RETRY), this.stopped.signal);
      }
    }
  }

  private succeeded(): void {
    if (this.isFailing) this.logger.log({ msg: 'task reports are being sent again' });
    this.isFailing = false;
  }

  private failed(error: unknown): void {
    if (!this.isFailing) this.logger.warn({ msg: 'a task report waits for NATS', err: error });
    this.isFailing = true;
  }

  private async sendOne(file: string): Promise<void> {
    const path = join(this.folder, file);
    const bytes = this.inMemory.get(file) ?? (await readIfThere(path));
    if (bytes === undefined) return;
    const report = readReport(bytes);
    if (report === undefined) {
      this.logger.error({ msg: 'a damaged task report is set aside', file: `${path}.damaged` });
      await moveDurably(path, `${path}.damaged`);
      return;
    }
    await this.publish(subjects.taskReported(report.daemonId, report.taskId), bytes);
    if (!this.inMemory.delete(file)) await removeFile(path);
  }
}

function readReport(bytes: Uint8Array): TaskReported | undefined {
  try {
    return decode(TaskReported, bytes);
  } catch (error) {
    if (error instanceof ContractError) return undefined;
    throw error;
  }
}
