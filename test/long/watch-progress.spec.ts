import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { execa, execaSync } from 'execa';
import { packageFolder } from '#runtime';
import { eventually, temporaryFolder, useStack } from '#testing';

const PATIENCE = { timeoutMs: 60_000, intervalMs: 100 };
const FILES = 2000;
const ERASED = '\r\u001B[2K';

const stack = useStack({ ingestReplicas: 1, daemonIds: [] });
let home: string;
let worktreeDir: string;

beforeEach(() => {
  home = temporaryFolder();
  worktreeDir = join(home, 'site');
  execaSync('git', ['init', '--quiet', worktreeDir]);
  for (let file = 0; file < FILES; file += 1) writeFileSync(join(worktreeDir, `${file}`), '123456789\n');
});

/** A git that does something before it writes the tree: as if there were very many files. */
function slowGit(before: string): Record<string, string> {
  const real = execaSync('which', ['git']).stdout;
  const bin = join(home, 'bin');
  mkdirSync(bin);
  const script = `#!/bin/sh\ncase " $* " in *" write-tree "*) ${before};; esac\nexec ${real} "$@"\n`;
  writeFileSync(join(bin, 'git'), script, { mode: 0o755 });
  return { PATH: `${bin}${delimiter}${process.env['PATH']}` };
}

function run(command: string[], env: Record<string, string>) {
  const [program, ...args] = command;
  return execa(program!, args, {
    cwd: home,
    reject: false,
    env: {
      XDG_STATE_HOME: join(home, 'state'),
      XDG_CONFIG_HOME: join(home, 'config'),
      PATCHPOINT_SERVER: stack().patchStore.url,
      NATS_URL: stack().nats.url,
      ...env,
    },
  });
}

const watch = (...args: string[]): string[] => [
  'node',
  join(packageFolder(), 'dist/apps/cli/src/main.js'),
  'watch',
  worktreeDir,
  '--once',
  ...args,
];

const inTerminal = (command: string[]): string[] => ['script', '-qefc', command.join(' '), '/dev/null'];

describe('the progress of a slow capture', () => {
  it('is one line of a terminal, and erased in the end', async () => {
    const go = join(home, 'go');
    const env = slowGit(`while [ ! -e ${go} ]; do sleep 0.1; done`);
    const watching = run(inTerminal(watch()), env);
    let seen = '';
    watching.stdout.on('data', (data: Buffer) => (seen += data.toString()));
    const line = 'capturing: 2,000 files looked at, 2,000 of 2,000 hashed (20 KiB)';
    await eventually(() => expect(seen).toContain(line), PATIENCE);
    writeFileSync(go, '');
    const { stdout, exitCode } = await watching;
    expect(exitCode).toBe(0);
    // What follows stands at the beginning of a line of its own.
    const texts = stdout.split(ERASED);
    expect(texts.at(-1)).toMatch(/^\d\d:\d\d:\d\d {2}.*stored @1/);
    // Each that was drawn was erased.
    expect(stdout.split('capturing: ')).toHaveLength(texts.length);
  });

  it.each([
    ['a pipe', () => watch()],
    ['a program, even in a terminal', () => inTerminal(watch('--json'))],
  ])('is nothing to %s', async (_, command) => {
    const { stdout, stderr, exitCode } = await run(command(), slowGit('sleep 2'));
    expect(stdout).toContain('stored');
    expect(`${stdout}${stderr}`).not.toContain('capturing');
    expect(exitCode).toBe(0);
  });
});
