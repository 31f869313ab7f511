import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '#runtime';

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
  /** Checkpoints that wait for a person, and what was decided of their contents. */
  secrets: string;
  /** Plans and conversation histories for agent processes. */
  handover: string;
}

/**
 * Names the folders below `root` and creates them, readable only by their owner; those that are there are
 * closed, if they are ours. May run any number of times.
 *
 * @throws ConfigurationError when we are root, and the folder is another user's, whose links we would follow
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
    secrets: join(root, 'secrets'),
    handover: join(root, 'handover'),
  };
  for (const path of Object.values(folder) as string[]) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    close(path);
  }
  return folder;
}

function close(path: string): void {
  const { uid, mode } = statSync(path);
  const self = process.geteuid?.();
  if (self === 0 && uid !== 0) {
    throw new ConfigurationError([
      `PATCHPOINT_STATE_DIR: ${path} belongs to another user (${uid}), and this daemon is root. ` +
        'Name that user in PATCHPOINT_AGENT_USER, or use another folder.',
    ]);
  }
  if (uid === self && (mode & 0o077) !== 0) chmodSync(path, 0o700);
}
