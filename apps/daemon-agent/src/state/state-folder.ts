import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Everything that a daemon keeps on its disk, by name. Losing the folder loses what was not stored yet, and
 * nothing else.
 */
export interface StateFolder {
  root: string;
  /** Unconfirmed checkpoints, on their way to Postgres. */
  spool: string;
  /** Checkpoints that can never be stored, with the reason. Kept for a person to look at. */
  rejected: string;
  /** Spool entries that were damaged on disk. */
  quarantine: string;
  /** Reports that JetStream has not taken yet. */
  reports: string;
  /** What runs here, a file a task. */
  tasks: string;
  /** Bare repositories, one a source. */
  mirrors: string;
  /** Where the agents work. */
  worktrees: string;
  /** A private git folder a worktree, for captures. */
  shadows: string;
  /** Plans and conversation histories for agent processes. */
  handover: string;
}

/**
 * Names the folders below `root` and makes them, readable by their owner alone. May run any number of times.
 */
export function openStateFolder(root: string): StateFolder {
  const folder: StateFolder = {
    root,
    spool: join(root, 'spool'),
    rejected: join(root, 'rejected'),
    quarantine: join(root, 'quarantine'),
    reports: join(root, 'reports'),
    tasks: join(root, 'tasks'),
    mirrors: join(root, 'mirrors'),
    worktrees: join(root, 'worktrees'),
    shadows: join(root, 'shadows'),
    handover: join(root, 'handover'),
  };
  for (const path of Object.values(folder) as string[]) mkdirSync(path, { recursive: true, mode: 0o700 });
  return folder;
}
