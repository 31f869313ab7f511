import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { withOtherGit } from './with-other-git.js';

/**
 * Lists the git commands that a test starts, sorted by name: those that run side by side come in any order.
 * Each is the real git.
 */
export async function gitStartedBy(dir: string, test: () => Promise<unknown>): Promise<string[]> {
  const binDir = join(dir, 'logging-git');
  const log = join(binDir, 'log');
  const script = (realGit: string) => `#!/bin/bash
args=("$@")
while case "$1" in -c) shift;; -*) ;; *) false;; esac; do shift; done
echo "$1" >> ${log}
exec ${realGit} "\${args[@]}"`;
  rmSync(log, { force: true });
  await withOtherGit(binDir, script, test);
  return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').sort() : [];
}
