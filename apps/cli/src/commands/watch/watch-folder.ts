import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { privateFolder, writePrivately } from '#embedded';
import { stateFolder } from '../../settings/xdg.js';

/** What is remembered about a watched worktree between watches. */
export interface WatchRecord {
  worktreeDir: string;
  taskId: string;
  /** What the task is called, and has as its source; absent in records of older versions. */
  name?: string;
  repoUrl?: string;
  /** The newest attempt that a watch of this worktree asked for. */
  attempt?: number;
  /** False: no server has had it yet. */
  isCreated?: boolean;
}

/** This machine's state of one watched worktree: its task, and what is not stored yet. */
export interface WatchFolder {
  /** The same for every watch of the worktree, and different from that of any other worktree or machine. */
  readonly daemonId: string;
  /** The agent's spool and shadow. */
  readonly stateDir: string;
  /** Its log, and the record that prevents two watches at the same time. */
  readonly runDir: string;
  record(): Promise<WatchRecord | undefined>;
  remember(record: WatchRecord): Promise<void>;
}

/** @param worktreeDir its real path */
export async function openWatchFolder(worktreeDir: string): Promise<WatchFolder> {
  const place = createHash('sha256').update(worktreeDir).digest('hex').slice(0, 12);
  const folder = join(stateFolder(), 'watch', `${token(basename(worktreeDir))}-${place}`);
  const file = join(folder, 'watch.json');
  privateFolder(folder);
  return {
    daemonId: `watch-${token(hostname())}-${place}`,
    stateDir: join(folder, 'agent'),
    runDir: join(folder, 'run'),
    record: async () => {
      const text = await readFile(file, 'utf8').catch(() => undefined);
      return text === undefined ? undefined : (JSON.parse(text) as WatchRecord);
    },
    remember: async (record) => {
      writePrivately(file, JSON.stringify(record, null, 2));
    },
  };
}

function token(name: string): string {
  return (
    name
      .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 32) || 'worktree'
  );
}
