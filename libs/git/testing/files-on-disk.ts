import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { gitBytes } from './repositories.js';

/** A file or link on disk. */
export interface FileOnDisk {
  /** Kind, mode, size and content: what a restore must bring back. */
  looks: string;
  sizeBytes: number;
  isTracked: boolean;
}

/**
 * What a restore must produce: every file and link on disk that git does not skip as untracked and ignored.
 *
 * @param gitDir whose index says what is tracked; whatever lies at `.git`
 */
export function owedFiles(dir: string, gitDir: string): Map<string, FileOnDisk> {
  const list = (...args: string[]): Set<string> =>
    new Set(
      gitBytes(dir, `--git-dir=${gitDir}`, '--work-tree=.', 'ls-files', '-z', ...args)
        .toString('utf8')
        .split('\0'),
    );
  const ignored = list('--others', '--ignored', '--exclude-standard');
  const tracked = list();
  const owed = Object.entries(filesOnDisk(dir)).filter(([path]) => !ignored.has(path));
  return new Map(
    owed.map(([path, looks]) => {
      const sizeBytes = lstatSync(join(dir, path)).size;
      return [path, { looks, sizeBytes, isTracked: tracked.has(path) }];
    }),
  );
}

/** Path → kind, mode and content of everything outside of `.git`. */
export function filesOnDisk(dir: string): Record<string, string> {
  const files: Record<string, string> = {};
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(dir, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (path === '.git') continue;
      if (entry.isDirectory()) visit(path);
      else files[path] = describeFile(join(dir, path));
    }
  };
  visit('');
  return files;
}

function describeFile(path: string): string {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return `link to ${readlinkSync(path)}`;
  const digest = createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
  return `file ${(stat.mode & 0o777).toString(8)} of ${stat.size} bytes, ${digest}`;
}
