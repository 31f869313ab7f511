import { divide } from './path-failure.js';
import { nulSeparated, nulTerminated, runGit, type GitCall } from '../run/run-git.js';

export interface TrackedListing {
  changes: TrackedChange[];
  /** False: git warned of files that it could not access, and considered them unchanged. */
  isComplete: boolean;
}

/** A path whose file differs, or may differ, from the index. */
export interface TrackedChange {
  path: Buffer;
  gone: boolean;
  /** A tracked file or folder has been replaced by a repository. */
  becameRepository: boolean;
}

/** The git dir, worktree and index of a listing or an update. */
export type IndexLocation = Pick<GitCall, 'gitDir' | 'workTree' | 'indexFile' | 'signal' | 'config'>;

const GITLINK = '160000';
const NOTHING = '000000';

/**
 * Tracked paths that differ from the index. A file that was only touched is also listed. Submodules are
 * compared by their HEAD: to find changes inside, git would run `status` in them, and with it any filter that
 * their configuration names.
 */
export async function listTrackedChanges(
  index: IndexLocation & { workTree: string },
): Promise<TrackedListing> {
  const { stdout, stderr } = await runGit({
    ...index,
    purpose: `comparing the tracked files of ${index.workTree}`,
    args: ['diff-files', '--raw', '-z', '--abbrev=40', '--no-renames', '--ignore-submodules=dirty'],
  });
  const records = nulSeparated(stdout);
  const changes: TrackedChange[] = [];
  for (let at = 0; at + 1 < records.length; at += 2) {
    const [oldMode, newMode] = records[at]!.toString('latin1').slice(1).split(' ');
    changes.push({
      path: records[at + 1]!,
      gone: newMode === NOTHING,
      becameRepository: newMode === GITLINK && oldMode !== GITLINK && oldMode !== NOTHING,
    });
  }
  return { changes, isComplete: stderr === '' };
}

export interface UntrackedListing {
  /** Files that no ignore rule matches; a nested repository is a single path that ends in a slash. */
  paths: Buffer[];
  unreadableFolders: Buffer[];
}

export async function listUntracked(index: IndexLocation): Promise<UntrackedListing> {
  const { stdout, stderr } = await runGit({
    ...index,
    purpose: `listing the untracked files of ${index.workTree}`,
    args: ['ls-files', '--others', '--exclude-standard', '-z'],
  });
  // Git cuts its warnings at 4,096 bytes: of a longer path there is only the beginning.
  const warnings = stderr.matchAll(/^warning: could not open directory '(.*?)(?:\/?': [^']*)?$/gm);
  return {
    paths: nulSeparated(stdout),
    unreadableFolders: [...warnings].map(([, folder]) => Buffer.from(folder!)),
  };
}

/**
 * Those of the paths that an ignore rule matches, whether or not they are in the index.
 *
 * @param paths none of them behind a symbolic link, which git refuses
 */
export async function listIgnored(index: IndexLocation, paths: readonly Buffer[]): Promise<Buffer[]> {
  const ignored: Buffer[] = [];
  // A path that git refuses (a folder on its way has just become a link) is one that no rule matches.
  await divide(paths, async (some) => {
    const { stdout } = await runGit({
      ...index,
      purpose: `matching the ignore rules of ${index.workTree}`,
      // This command knows no literal pathspecs: the prefix keeps a leading colon from being read as magic.
      literalPathspecs: false,
      args: ['check-ignore', '--no-index', '-z', '--stdin'],
      input: nulTerminated(some.map((path) => Buffer.concat([Buffer.from('./'), path]))),
      expectedExitCodes: [0, 1],
    });
    ignored.push(...nulSeparated(stdout).map((path) => path.subarray(2)));
  });
  return ignored;
}
