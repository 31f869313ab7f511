import { expect } from '@jest/globals';
import { execaSync } from 'execa';
import { eventually } from '#testing';
import type { WatchItem } from '../../apps/cli/src/commands/watch/watch.view.js';
import type { runCli } from './use-cli.js';

export const PATIENCE = { timeoutMs: 60_000, intervalMs: 100 };

/** `patchpoint watch --json` under way. */
export class Watching {
  private text = '';

  constructor(private readonly running: ReturnType<typeof runCli>) {
    running.stdout.on('data', (chunk: Buffer) => (this.text += chunk.toString()));
  }

  get ended() {
    return this.running;
  }

  /** The first item of that kind, once it is said. */
  says(event: WatchItem['event']): Promise<Record<string, unknown>> {
    return eventually(() => {
      expect(this.items().map((item) => item['event'])).toContain(event);
      return this.items().find((item) => item['event'] === event)!;
    }, PATIENCE);
  }

  count(event: WatchItem['event']): number {
    return this.items().filter((item) => item['event'] === event).length;
  }

  /** By Ctrl-C. */
  async end() {
    this.running.kill('SIGINT');
    return this.running;
  }

  /** As a crash of the machine would, with all that it has started. */
  async kill(): Promise<void> {
    const { pid } = this.running;
    for (const each of [pid!, ...childrenOf(pid!)]) killHard(each);
    await this.running;
  }

  private items(): Record<string, unknown>[] {
    const whole = this.text.slice(0, this.text.lastIndexOf('\n') + 1);
    return whole
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}

function childrenOf(pid: number): number[] {
  const { stdout } = execaSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { reject: false });
  return stdout.split('\n').filter(Boolean).map(Number);
}

function killHard(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has just ended
  }
}
