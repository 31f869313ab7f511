import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { git, write, type Site } from './repositories.js';

export function commitAll(dir: string, message: string): void {
  git(dir, 'add', '-A');
  git(dir, 'commit', '-q', '-m', message);
}

/** Two local commits that were never pushed, and edits of every kind on top. */
export function workLocally({ workDir }: Site): void {
  write(workDir, 'src/a.txt', 'one\nlocal\nthree\n');
  commitAll(workDir, 'first local commit\n\nwith a body');
  write(workDir, 'src/b.txt', 'added by the second\n');
  write(workDir, 'src/tool.sh', '#!/bin/sh\n', 0o755);
  commitAll(workDir, 'second local commit');
  write(workDir, 'src/b.txt', 'edited afterwards\n');
  write(workDir, 'untracked.bin', randomBytes(2000));
  rmSync(join(workDir, 'readme.md'));
}
