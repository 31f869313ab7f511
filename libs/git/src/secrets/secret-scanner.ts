import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { textOf } from './text-of.js';

/**
 * Looks for secrets in the contents of files, with the recommended rules of secretlint, in its own thread.
 *
 * The thread starts with the first content and ends when nothing was asked for a while. 1 MB of source takes
 * some 12 ms.
 */
export class SecretScanner {
  private worker: Worker | undefined;
  private idle: NodeJS.Timeout | undefined;
  /** Only one content is looked at at a time. */
  private last: Promise<unknown> = Promise.resolve();

  /** @param idleMilliseconds the thread, of some 30 MB, ends after this long without a question */
  constructor(private readonly idleMilliseconds = 30_000) {}

  /**
   * The names of the rules that found a secret, such as `github`; none for what is no text.
   *
   * @returns null when the time was over before an answer came
   */
  scan(path: string, content: Buffer, timeoutMilliseconds: number): Promise<string[] | null> {
    const text = textOf(content);
    if (text === null) return Promise.resolve([]);
    const answer = this.last.then(() => this.ask(path, text, timeoutMilliseconds));
    this.last = answer.catch(() => {});
    return answer;
  }

  /** Ends the thread. The next content starts another. */
  async close(): Promise<void> {
    clearTimeout(this.idle);
    const { worker } = this;
    this.worker = undefined;
    await worker?.terminate();
  }

  private start(): Worker {
    const worker = new Worker(workerFile(), {
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MEGABYTES },
    });
    // Whoever waits for an answer hears of its end; with nobody waiting, it must not end the process.
    worker.on('error', () => {});
    worker.once('exit', () => {
      if (this.worker === worker) this.worker = undefined;
    });
    return worker;
  }

  private async ask(path: string, text: string, timeoutMilliseconds: number): Promise<string[] | null> {
    clearTimeout(this.idle);
    const worker = (this.worker ??= this.start());
    worker.ref();
    const rules = await answerOf(worker, { path, text }, timeoutMilliseconds);
    if (rules === null) await this.close();
    else {
      worker.unref();
      this.idle = setTimeout(() => void this.close(), this.idleMilliseconds);
      this.idle.unref();
    }
    return rules;
  }
}

const MAX_HEAP_MEGABYTES = 256;

/** Null for a thread that does not answer in time, or has died of its question. */
async function answerOf(
  worker: Worker,
  question: object,
  timeoutMilliseconds: number,
): Promise<string[] | null> {
  let settle!: (rules: string[] | null) => void;
  const answer = new Promise<string[] | null>((resolve) => {
    settle = resolve;
  });
  const answered = (rules: string[]): void => settle(rules);
  const ended = (): void => settle(null);
  const giveUp = setTimeout(ended, Math.max(0, timeoutMilliseconds));
  worker.on('message', answered).on('error', ended).on('exit', ended);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  worker.postMessage(question);
  try {
    return await answer;
  } finally {
    clearTimeout(giveUp);
    worker.off('message', answered).off('error', ended).off('exit', ended);
  }
}

/** Beside this file where it runs as built; specs run the source, and their threads need the built one. */
function workerFile(): string {
  const self = fileURLToPath(import.meta.url);
  const beside = join(dirname(self), 'scan-worker.js');
  if (existsSync(beside)) return beside;
  let folder = dirname(self);
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) folder = dirname(folder);
  return join(folder, 'dist', 'libs', 'git', 'src', 'secrets', 'scan-worker.js');
}
