import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Lists the git commands that a test starts, sorted by name: those that run side by side come in any order.
 * Each is the real git.
 */
export async function gitStartedBy(dir: string, test: () => Promise<unknown>): Promise<string[]> {
  const realGit = execFileSync('which', ['git'], { encoding: 'utf8' }).trim();
  const binDir = join(dir, 'logging-git');
  const log = join(binDir, 'log');
  mkdirSync(binDir, { recursive: true });
  const script = `#!/bin/bash
args=("$@")
while case "$1" in -c) shift;; -*) ;; *) false;; esac; do shift; done
echo "$1" >> ${log}
exec ${realGit} "\${args[@]}"`;
  writeFileSync(join(binDir, 'git'), script, { mode: 0o755 });
  rmSync(log, { force: true });
  const path = process.env['PATH'];
  process.env['PATH'] = `${binDir}${delimiter}${path}`;
  try {
    await test();
  } finally {
    process.env['PATH'] = path;
  }
  return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').sort() : [];
}
