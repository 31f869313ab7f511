import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { ContractError, decode, encode, subjects, TaskReported } from '#contracts';
import { backoffMilliseconds } from '#runtime';
import { moveDurably, readIfThere, removeFile, writeDurably } from '../state/durable-file.js';

const SUFFIX = '.report';
const RETRY = { baseMilliseconds: 250, maxMilliseconds: 30_000 };

/** Publishes one message and resolves when JetStream has it. */
export type Publish = (subject: string, bytes: Uint8Array) => Promise<unknown>;

/**
 * What this daemon has to say about its tasks, on disk until JetStream took it: reports go out in the order in which they
 * were made, at least once, also over a restart.
 */
export class ReportQueue {
  private readonly logger = new Logger(ReportQueue.name);
  private readonly stopped = new AbortController();
  private waiting: string[] = [];
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

  /** Starts to send what an earlier life of this daemon left. */
  start(): void {
    this.send();
  }

  /** Durable once it resolves; sent in the background. */
  async put(report: TaskReported): Promise<void> {
    const file = report.eventId + SUFFIX;
    await writeDurably(join(this.folder, file), encode(report));
    this.waiting.push(file);
    this.send();
  }

  /** Waits until everything is sent, or until the time is over. */
  async flush(timeoutMilliseconds: number): Promise<void> {
    const timeout = new Promise<void>((resolve) => setTimeout(resolve, timeoutMilliseconds).unref());
    await Promise.race([this.sending, timeout]);
  }

  /** Stops sending; what is not sent stays on disk. May be called twice. */
  stop(): void {
    this.stopped.abort();
  }

  private send(): void {
    if (this.stopped.signal.aborted) return;
    this.sending ??= this.sendAll().finally(() => {
      this.sending = undefined;
      if (this.waiting.length > 0) this.send();
    });
  }

  private async sendAll(): Promise<void> {
    for (let failures = 0; this.waiting.length > 0 && !this.stopped.signal.aborted;) {
      const file = this.waiting[0]!;
      try {
        await this.sendOne(join(this.folder, file));
        this.waiting.shift();
        failures = 0;
      } catch (error) {
        failures += 1;
        if (failures === 1) this.logger.warn({ msg: 'a task report waits for NATS', err: error });
        await this.pause(backoffMilliseconds(failures, RETRY));
      }
    }
  }

  private async sendOne(path: string): Promise<void> {
    const bytes = await readIfThere(path);
    if (bytes === undefined) return;
    const report = readReport(bytes);
    if (report === undefined) {
      this.logger.error({ msg: 'a damaged task report is set aside', file: `${path}.damaged` });
      await moveDurably(path, `${path}.damaged`);
      return;
    }
    await this.publish(subjects.taskReported(report.daemonId, report.taskId), bytes);
    await removeFile(path);
  }

  private pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.stopped.signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.stopped.signal.addEventListener('abort', done);
    });
  }
}

function readReport(bytes: Buffer): TaskReported | undefined {
  try {
    return decode(TaskReported, bytes);
  } catch (error) {
    if (error instanceof ContractError) return undefined;
    throw error;
  }
}
