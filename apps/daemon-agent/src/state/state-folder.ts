import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Everything that a daemon keeps on its disk, by name. Without the folder, only what was not stored yet is
 * lost.
 */
export interface StateFolder {
  root: string;
  /** Unconfirmed checkpoints, to be stored in Postgres. */
  spool: string;
  /** Checkpoints that can never be stored, with the reason. Kept for a person to look at. */
  rejected: string;
  /** Spool entries that were damaged on disk. */
  quarantine: string;
  /** Reports that JetStream has not taken yet. */
  reports: string;
  /** What runs here, one file per task. */
  tasks: string;
  /** Bare repositories, one per source. */
  mirrors: string;
  /** Where the agents work: a folder a task, with its worktree and its repository. */
  worktrees: string;
  /** Private git folders for captures, one per worktree. */
  shadows: string;
  /** What agent programs write of their own, beside the worktree: a home for each task. */
  homes: string;
  /** Plans and conversation histories for agent processes. */
  handover: string;
}

/**
 * Names the folders below `root` and creates them, readable only by their owner. May run any number of times.
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
    homes: join(root, 'homes'),
    handover: join(root, 'handover'),
  };
  for (const path of Object.values(folder) as string[]) mkdirSync(path, { recursive: true, mode: 0o700 });
  return folder;
}
