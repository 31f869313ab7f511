import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecretDecision } from './judge-secret.js';

/** A checkpoint that waits on its daemon for a person. */
export interface HeldCheckpoint {
  /** Of its message. */
  eventId: string;
  taskId: string;
  attempt: number;
  sequence: number;
  /** ISO 8601, by the daemon's clock. */
  heldAt: string;
  files: HeldFile[];
}

export interface HeldFile {
  /** Relative to the worktree; bytes that are not UTF-8 are shown as U+FFFD. */
  path: string;
  /** Id of its content, as git has it: what a person decides upon. */
  contentId: string;
  rules: string[];
  isUntracked: boolean;
}

const CONTENT_ID = /^[0-9a-f]{40,64}$/;

/**
 * Where a daemon and a person meet over secrets: a folder of the daemon's disk. The daemon lays down what
 * waits, `patchpoint hold` what was decided. What leaves a machine is decided on that machine: nobody who
 * only has a token of a server can release it.
 *
 * A file is written whole or not at all, each by one side alone. May be used by several processes.
 */
export class SecretDesk {
  private readonly held: string;
  private readonly decisions: string;

  constructor(folder: string) {
    this.held = join(folder, 'held');
    this.decisions = join(folder, 'decisions');
  }

  /** Lays down a checkpoint that waits; the same one again replaces it. */
  async hold(checkpoint: HeldCheckpoint): Promise<void> {
    await writeWhole(this.held, `${checkpoint.eventId}.json`, JSON.stringify(checkpoint));
  }

  /** It waits no longer. May be called twice. */
  async remove(eventId: string): Promise<void> {
    await rm(join(this.held, `${eventId}.json`), { force: true });
  }

  /** Oldest first; those that cannot be read are left out. */
  async list(): Promise<HeldCheckpoint[]> {
    const names = await readdir(this.held).catch(() => []);
    const found: HeldCheckpoint[] = [];
    for (const name of names.filter((each) => each.endsWith('.json')).sort()) {
      try {
        found.push(JSON.parse(await readFile(join(this.held, name), 'utf8')) as HeldCheckpoint);
      } catch {
        // Removed a moment ago.
      }
    }
    return found;
  }

  /** Remembers a decision for each content; a later one outranks it. */
  async decide(contentIds: readonly string[], decision: SecretDecision): Promise<void> {
    for (const contentId of contentIds) await writeWhole(this.decisions, contentId, decision);
  }

  /** What was decided of a content; undefined: nothing yet. */
  decisionOf(contentId: string): SecretDecision | undefined {
    if (!CONTENT_ID.test(contentId)) return undefined;
    try {
      const word = readFileSync(join(this.decisions, contentId), 'utf8').trim();
      return word === 'release' || word === 'omit' ? word : undefined;
    } catch {
      return undefined;
    }
  }
}

async function writeWhole(folder: string, name: string, content: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = join(folder, `.${randomUUID()}.partial`);
  await writeFile(temporary, content, { mode: 0o600, flush: true });
  await rename(temporary, join(folder, name));
}
