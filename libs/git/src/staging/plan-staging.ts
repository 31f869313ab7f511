import type { TrackedChange } from './list-changes.js';
import { omit, type Omission, type OmissionReason } from '../values/omission.js';
import { isUnsafePath } from '../values/path-safety.js';
import { looksLikeSecret } from './secret-names.js';
import { selectUntracked, type Withdrawal } from './select-untracked.js';

export interface UntrackedFile {
  path: Buffer;
  sizeBytes: number;
  isSymlink: boolean;
  /** Already in the index, from an earlier capture. */
  staged: boolean;
}

export interface UnseenPath {
  path: Buffer;
  reason: OmissionReason;
}

export interface StagingFacts {
  trackedChanges: readonly TrackedChange[];
  /** Not in the worktree's own index and not ignored, whether or not an earlier capture staged them. */
  untrackedFiles: readonly UntrackedFile[];
  nestedRepositories: readonly Buffer[];
  /** Cannot be looked at. */
  unseen: readonly UnseenPath[];
  /** Must not be in the index: ignored since an earlier capture staged them, gone, or no files any more. */
  withdrawn: readonly Buffer[];
}

export interface StagingLimits {
  untrackedFileLimitBytes: number;
  untrackedTotalLimitBytes: number;
  /** Leave out untracked files that look like secrets. By default they are taken. */
  withoutSecrets?: boolean;
  /** By paths in latin1: leave out these untracked files, for the reason. */
  withheld?: ReadonlyMap<string, OmissionReason>;
  /** Paths in latin1: leave out all other untracked files. By default none is. */
  only?: ReadonlySet<string>;
}

export const NO_LIMITS: StagingLimits = {
  untrackedFileLimitBytes: Infinity,
  untrackedTotalLimitBytes: Infinity,
};

export interface StagingPlan {
  /** Paths to hash from the disk. */
  update: Buffer[];
  remove: Buffer[];
  /** All untracked paths that are in the index afterwards. */
  untracked: Buffer[];
  /** Their sizes, added up. */
  untrackedBytes: number;
  omissions: Omission[];
}

/** Decides what goes into the index and what is left out. Pure: no file is accessed here. */
export function planStaging(facts: StagingFacts, limits: StagingLimits): StagingPlan {
  const update = new Map<string, Buffer>();
  const remove = new Map<string, Buffer>();
  const unseen = new Map(facts.unseen.map((each) => [key(each.path), each]));
  const omissions: Omission[] = [
    ...facts.nestedRepositories.map((path) => omit(path, 'nested-repository')),
    ...[...unseen.values()].map(({ path, reason }) => omit(path, reason)),
  ];
  for (const change of facts.trackedChanges) {
    if (change.becameRepository) omissions.push(omit(change.path, 'nested-repository'));
    const target = change.gone || change.becameRepository ? remove : update;
    target.set(key(change.path), change.path);
  }
  const untracked: Buffer[] = [];
  const leaveOut = (file: UntrackedFile): void => {
    update.delete(key(file.path));
    if (file.staged) remove.set(key(file.path), file.path);
  };
  const candidates: UntrackedFile[] = [];
  for (const file of facts.untrackedFiles) {
    if (unseen.has(key(file.path))) {
      if (file.staged) untracked.push(file.path); // as it was when it could be seen
      continue;
    }
    const reason = whyLeftOut(file, limits);
    if (reason === null) {
      candidates.push(file);
      continue;
    }
    omissions.push(omit(file.path, reason));
    leaveOut(file);
  }
  const { withdrawn, lines } = selectUntracked(
    candidates.map(({ path, sizeBytes }) => ({ path: key(path), sizeBytes })),
    limits.untrackedTotalLimitBytes,
  );
  let untrackedBytes = 0;
  for (const file of candidates) {
    if (withdrawn.has(key(file.path))) {
      leaveOut(file);
      continue;
    }
    untracked.push(file.path);
    untrackedBytes += file.sizeBytes;
    if (!file.staged) update.set(key(file.path), file.path);
  }
  omissions.push(...lines.map(nameWithdrawal));
  // A tracked file that cannot be seen stays as the index has it. An unmerged path is listed once per side:
  // gone from one of them is not gone from the disk.
  for (const path of unseen.keys()) update.delete(path);
  for (const path of update.keys()) remove.delete(path);
  for (const path of facts.withdrawn) {
    update.delete(key(path));
    remove.set(key(path), path);
  }
  return { update: [...update.values()], remove: [...remove.values()], untracked, untrackedBytes, omissions };
}

/**
 * What the plan came to when its files were hashed (`hashFiles`). Pure.
 *
 * @param hashed.kept as they were in the index: a new file is not in it
 */
export function amendPlan(
  plan: StagingPlan,
  facts: StagingFacts,
  hashed: { kept: readonly Buffer[]; removed: readonly Buffer[]; omissions: readonly Omission[] },
): StagingPlan {
  if (hashed.omissions.length + hashed.removed.length === 0) return plan;
  const staged = new Set(facts.untrackedFiles.filter((file) => file.staged).map(({ path }) => key(path)));
  const kept = new Set(hashed.kept.map(key));
  const removed = new Set(hashed.removed.map(key));
  const isOut = (path: string): boolean => removed.has(path) || (kept.has(path) && !staged.has(path));
  return {
    update: plan.update.filter((path) => !kept.has(key(path)) && !removed.has(key(path))),
    remove: [...plan.remove, ...hashed.removed],
    untracked: plan.untracked.filter((path) => !isOut(key(path))),
    untrackedBytes: plan.untrackedBytes,
    omissions: [...plan.omissions, ...hashed.omissions],
  };
}

/** One line for all that was withdrawn together. */
function nameWithdrawal({ path, filesCount, sizeBytes, why }: Withdrawal): Omission {
  const bytes = Buffer.from(path, 'latin1');
  if (filesCount === null) return omit(bytes, 'untracked-budget');
  const size = `${filesCount} ${filesCount === 1 ? 'file' : 'files'}, ${sizeBytes} bytes` as const;
  return omit(bytes, why === 'dependencies' ? `dependencies: ${size}` : `untracked-budget: ${size}`);
}

function whyLeftOut(file: UntrackedFile, limits: StagingLimits) {
  if (limits.only?.has(key(file.path)) === false) return 'not-in-checkpoint';
  if (isUnsafePath(file.path, file.isSymlink)) return 'unsafe-name';
  const withheldFor = limits.withheld?.get(key(file.path));
  if (withheldFor !== undefined) return withheldFor;
  if (limits.withoutSecrets === true && looksLikeSecret(file.path)) return 'looks-like-secret';
  if (file.sizeBytes > limits.untrackedFileLimitBytes) return 'untracked-too-large';
  return null;
}

/** Paths are bytes; latin1 keeps them distinct. */
function key(path: Buffer): string {
  return path.toString('latin1');
}
