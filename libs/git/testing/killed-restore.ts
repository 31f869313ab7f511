import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { transformFileSync } from '@swc/core';
import type { RestoreRequest } from '../src/restore/restore-worktree.js';

const SOURCES = join(import.meta.dirname, '../src');

/** Compiles this library into a folder, so that a separate process can run it and be killed. */
export function compileLibrary(dir: string): string {
  mkdirSync(dir, { recursive: true });
  const require = createRequire(import.meta.url);
  const nodeModules = dirname(dirname(require.resolve('execa')));
  symlinkSync(nodeModules.replace(/\/execa$/, ''), join(dir, 'node_modules'));
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
  const names = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' });
  for (const name of names.filter((each) => each.endsWith('.ts') && !each.endsWith('.spec.ts'))) {
    const { code } = transformFileSync(join(SOURCES, name), {
      swcrc: false,
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'es6' },
    });
    const compiled = join(dir, name.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(compiled), { recursive: true });
    writeFileSync(compiled, code);
  }
  return dir;
}

/**
 * Runs a restore in a process that gets SIGKILL when it starts git for the n-th time.
 *
 * @returns true if it was killed, false if it finished before
 */
export function restoreKilledAt(
  step: number,
  libraryDir: string,
  scratchDir: string,
  request: RestoreRequest,
): boolean {
  const binDir = join(scratchDir, `bin-${step}`);
  mkdirSync(binDir, { recursive: true });
  const realGit = spawnSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).stdout.trim();
  const shim = `#!/bin/sh
echo $$ >> ${binDir}/calls
if [ "$(wc -l < ${binDir}/calls)" -ge ${step} ]; then kill -9 $PPID; exit 1; fi
exec ${realGit} "$@"
`;
  writeFileSync(join(binDir, 'git'), shim);
  chmodSync(join(binDir, 'git'), 0o755);
  const { patch, ...rest } = request;
  const patchFile = join(binDir, 'patch.gz');
  if (patch !== null) writeFileSync(patchFile, patch.data);
  const script = `
    import { readFileSync } from 'node:fs';
    import { restoreWorktree } from ${JSON.stringify(join(libraryDir, 'index.js'))};
    const patch = ${patch === null ? 'null' : `{ format: 'git-diff', sha256: '${patch.sha256}', data: readFileSync(${JSON.stringify(patchFile)}) }`};
    await restoreWorktree({ ...${JSON.stringify(rest)}, patch });
  `;
  const result = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...process.env, NODE_OPTIONS: '', PATH: `${binDir}:${process.env['PATH']}` },
    encoding: 'utf8',
  });
  if (result.signal === 'SIGKILL') {
    readFileSync(join(binDir, 'calls'), 'utf8').trimEnd().split('\n').map(Number).forEach(waitUntilEnded);
    return true;
  }
  if (result.status === 0) return false;
  throw new Error(
    `the restore failed at step ${step}: ${result.stderr}\n${readFileSync(join(binDir, 'calls'))}`,
  );
}

/** What git was doing at that step continues for a moment after its parent was killed. */
function waitUntilEnded(pid: number): void {
  const deadline = Date.now() + 30_000;
  while (isRunning(pid)) {
    if (Date.now() > deadline) throw new Error(`git, process ${pid}, does not end.`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
  }
}

/**
 * A process that has ended but is not reaped by init yet (a second later, in some containers) is not running.
 */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = `/proc/${pid}/stat`;
    return !existsSync(stat) || !readFileSync(stat, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}
