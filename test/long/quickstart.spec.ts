import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa, execaSync } from 'execa';
import { computeTreeSha } from '#git';
import { packageFolder } from '#runtime';
import { eventually, temporaryFolder } from '#testing';
import { openTerminal, type Terminal } from '../testing/terminal.js';

const folder = temporaryFolder();
const environment = {
  PATCHPOINT_DATA_DIR: join(folder, 'data'),
  XDG_STATE_HOME: join(folder, 'state'),
  XDG_CONFIG_HOME: join(folder, 'config'),
};
const options = { cwd: packageFolder(), env: environment, reject: false } as const;

const patchpoint = ['node', join(packageFolder(), 'dist/apps/cli/src/main.js')].join(' ');
const terminal = (command: string) => openTerminal(command, environment);
const run = (args: string) => execa(`${patchpoint} ${args}`, { ...options, shell: true });

/** The shell blocks of "Try it", with a folder of the test's in the place of /tmp. */
const [start, watch, work, restore] = blocksOf('Try it');
let up: Terminal;

beforeAll(async () => {
  expect(start).toBe('npm start\n');
  // What it comes to once everything is set up, which must not be checked again beside other running tests.
  up = terminal('exec node dist/apps/cli/src/main.js up');
  await up.says(/Ctrl-C/);
}, 120_000);
afterAll(async () => {
  expect(await up.interrupt()).toBe(0);
}, 120_000);

describe('the README, read from its beginning', () => {
  it('leads to work that was lost and is found again, byte for byte', async () => {
    const watching = terminal(watch!);
    await watching.says(/stored @1/);
    await execa(work!, { ...options, shell: true, reject: true });
    // A heartbeat may strike in the middle of the work: the newest checkpoint holds all of it, whatever its
    // number is.
    const shadowDir = join(folder, 'shadow');
    const treeSha = await computeTreeSha({ worktreeDir: join(folder, 'try-it'), shadowDir });
    await eventually(async () => expect(await newestOf('try-it')).toMatchObject({ treeSha }), {
      timeoutMs: 60_000,
      intervalMs: 500,
    });
    await watching.says(/stored @\d+ .* 3 files/);
    const restored = await execa(restore!, { ...options, shell: true });
    expect(restored.stdout.split('\n').at(-1)).toBe('identical');
    expect(modesIn('found')).toBe(modesIn('lost'));
    await watching.says(/is gone/);
  });

  it('creates a task over HTTP', async () => {
    const [create] = blocksOf('Use it');
    const [, PATCH_STORE] = /patch-store +(http:\S+)/.exec(up.output())!;
    const env = { ...environment, PATCH_STORE };
    const created = await execa(create!, { ...options, env, shell: true, reject: true });
    const { id } = JSON.parse(created.stdout) as { id: string };
    await eventually(
      async () => {
        const { stdout } = await run('tasks --state completed --json');
        expect((JSON.parse(stdout) as { tasks: object[] }).tasks).toContainEqual(
          expect.objectContaining({ id, name: 'try it' }),
        );
      },
      { timeoutMs: 60_000, intervalMs: 500 },
    );
  });
});

describe('patchpoint watch', () => {
  const worktree = join(folder, 'notes');
  const items = (text: string): { event: string }[] =>
    text
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { event: string });

  it('is one at a time, takes a last checkpoint on Ctrl-C, and goes on with the same task', async () => {
    execaSync('git', ['init', '--quiet', worktree]);
    execaSync('sh', ['-c', `echo one > '${worktree}/a file'`]);
    const first = terminal(`exec ${patchpoint} watch '${worktree}' --every 24h --json`);
    await first.says(/"event":"stored"/);
    const second = await run(`watch '${worktree}'`);
    expect(second).toMatchObject({ exitCode: 1 });
    expect(second.stderr).toContain('is already being watched');
    execaSync('sh', ['-c', `echo two > '${worktree}/a file'`]);
    expect(await first.interrupt()).toBe(0);
    const told = items(first.output()).filter(({ event }) => event !== 'warning'); // that it takes long
    expect(told.map(({ event }) => event)).toEqual(['watching', 'stored', 'stored', 'ended']);
    expect(told.at(-1)).toMatchObject({ newestCheckpointNumber: 2, unconfirmedCount: 0 });

    const again = await run(`watch '${worktree}' --once --json`);
    expect(again.exitCode).toBe(0);
    const [watching, stored] = items(again.stdout) as Record<string, unknown>[];
    expect(watching).toMatchObject({ taskId: (told[0] as { taskId?: string }).taskId, attempt: 2 });
    expect(stored).toMatchObject({ checkpoint: { checkpointNumber: 3, kind: 'final' } });

    const back = await run(`restore notes --into '${join(folder, 'notes again')}'`);
    expect(back.exitCode).toBe(0);
    expect(readFileSync(join(folder, 'notes again', 'a file'), 'utf8')).toBe('two\n');
  });

  it('says what is wrong, and what to do', async () => {
    const [interval, server] = await Promise.all([
      run(`watch '${worktree}' --every 0s`),
      run(`watch '${worktree}' --once --server http://127.0.0.1:1 --nats nats://127.0.0.1:1`),
    ]);
    expect(interval).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('from 1s to 24h') });
    expect(server.exitCode).toBe(5);
    expect(server.stdout + server.stderr).toContain('does not answer');
  });
});

/** The newest checkpoint that is stored. */
async function newestOf(task: string): Promise<object | undefined> {
  const { stdout } = await run(`log ${task} --json`);
  return (JSON.parse(stdout) as { checkpoints: object[] }).checkpoints[0];
}

function blocksOf(heading: string): string[] {
  const readme = readFileSync(join(packageFolder(), 'README.md'), 'utf8');
  const [, section] = new RegExp(`\n## ${heading}\n([\\s\\S]*?)\n## `).exec(readme)!;
  return [...section!.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) =>
    block!.replaceAll('/tmp/', `${folder}/`).replaceAll('.patchpoint/', `${folder}/data/`),
  );
}

/** Kind and permissions of every file. */
function modesIn(name: string): string {
  const list = `find . -name .git -prune -o -printf '%y %m %p\\n' | grep -v '^d' | sort`;
  return execaSync(list, { cwd: join(folder, name), shell: true }).stdout;
}
