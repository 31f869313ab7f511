import { expect } from '@jest/globals';
import { dependencyFolderOf } from '../src/staging/dependency-folders.js';
import type { Omission } from '../src/values/omission.js';
import { SMALL_FILE_BYTES, type DrawnCase } from './drawn-case.js';
import { filesOnDisk, owedFiles, type FileOnDisk } from './files-on-disk.js';
import { isRewritten } from './rewriter.js';

/**
 * Asserts that a restored worktree holds what was captured of the other: everything as it is on disk, but for
 * what is named. Nothing else is named.
 *
 * - What is over the limits is named and absent; nothing tracked is, and no small file outside of dependency
 *   folders.
 * - The file that was rewritten meanwhile holds what it held at some time, or is named as `changing`.
 */
export function expectCaptured(
  restoredDir: string,
  captured: { workDir: string; gitDir: string },
  omissions: readonly Omission[],
  { limits, rewritten }: Pick<DrawnCase, 'limits' | 'rewritten'>,
): void {
  const owed = owedFiles(captured.workDir, captured.gitDir);
  const restored = filesOnDisk(restoredDir);
  const isChanging = (path: string): boolean => path === rewritten?.path;
  const withdrawals = omissions.filter(({ reason }) => WITHDRAWN.test(reason));
  const others = omissions.filter((each) => !withdrawals.includes(each));
  for (const { path, reason } of others) expect([isChanging(path), reason]).toEqual([true, 'changing']);
  const withdrawn = expectCounted(withdrawals, owed);
  const isWithdrawn = (path: string): boolean => withdrawn.has(path);

  const expected = new Map(
    [...owed].filter(([path]) => !isWithdrawn(path)).map(([path, { looks }]) => [path, looks]),
  );
  if (rewritten !== null && expected.has(rewritten.path)) {
    const { path, sizeBytes } = rewritten;
    const isFile = restored[path]?.startsWith('file ') === true;
    const isWhole = isFile && isRewritten(restoredDir, path, sizeBytes);
    if (!isWhole) expect(others).toEqual([{ path, reason: 'changing' }]);
    expected.delete(path);
    delete restored[path];
  }
  expect(restored).toEqual(Object.fromEntries(expected));
  for (const [path, file] of owed) if (isWithdrawn(path)) expectMayBeWithdrawn(path, file, limits);
  expectWithinLimits(restored, owed, limits);
}

const WITHDRAWN = /^(?:untracked-too-large|untracked-budget|dependencies)(?:: |$)/;

/**
 * The files that lines of omissions name: each line as many as it says, with their bytes.
 */
function expectCounted(
  lines: readonly Omission[],
  owed: ReadonlyMap<string, FileOnDisk>,
): ReadonlySet<string> {
  const named = new Set<string>();
  for (const { path, reason } of lines.toSorted((one, other) => other.path.length - one.path.length)) {
    const [, filesCount, sizeBytes] = /: (\d+) files?, (\d+) bytes$/.exec(reason) ?? [];
    const files = [...owed].filter(
      ([name, { isTracked }]) =>
        !isTracked &&
        !named.has(name) &&
        (filesCount === undefined ? name === path : name.startsWith(`${path}/`)),
    );
    expect([path, files.length]).toEqual([path, Number(filesCount ?? 1)]);
    if (sizeBytes !== undefined) {
      expect(files.reduce((sum, [, file]) => sum + file.sizeBytes, 0)).toBe(Number(sizeBytes));
    }
    for (const [name] of files) named.add(name);
  }
  return named;
}

function expectMayBeWithdrawn(path: string, file: FileOnDisk, limits: DrawnCase['limits']): void {
  const isSmall = file.sizeBytes <= SMALL_FILE_BYTES && dependencyFolderOf(path) === null;
  expect([path, isSmall, Object.keys(limits).length]).toEqual([path, false, 1]);
}

function expectWithinLimits(
  restored: Record<string, string>,
  owed: ReadonlyMap<string, FileOnDisk>,
  { untrackedFileLimitBytes = Infinity, untrackedTotalLimitBytes = Infinity }: DrawnCase['limits'],
): void {
  const untracked = [...owed].filter(([path, { isTracked }]) => path in restored && !isTracked);
  const sizes = untracked.map(([, { sizeBytes }]) => sizeBytes);
  expect(Math.max(0, ...sizes)).toBeLessThanOrEqual(untrackedFileLimitBytes);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(untrackedTotalLimitBytes);
}
