import { nulSeparated, runGit } from '../run/run-git.js';

/**
 * Settings that switch off every filter driver that a repository's configuration defines, for the few
 * commands that must use the repository's own git dir. Conversions that git does itself (line ends,
 * encodings) stay.
 */
export async function neutralizeFilters(gitDir: string, signal?: AbortSignal): Promise<string[]> {
  const { stdout } = await runGit({
    purpose: `listing the filters of ${gitDir}`,
    gitDir,
    args: ['config', '-z', '--name-only', '--get-regexp', String.raw`^filter\.`],
    expectedExitCodes: [0, 1],
    signal,
  });
  const names = nulSeparated(stdout).map((name) => name.toString('utf8'));
  return withoutFilters([...new Set(names.map((name) => name.slice(0, name.lastIndexOf('.'))))]);
}

/** Pure: as `neutralizeFilters`, where the names are known (`filter.lfs`). */
export function withoutFilters(drivers: readonly string[]): string[] {
  return drivers.flatMap((driver) => [
    `${driver}.clean=`,
    `${driver}.smudge=`,
    `${driver}.process=`,
    `${driver}.required=false`,
  ]);
}
