import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { packageFolder } from '#runtime';
import { eventually, temporaryFolder, useDatabase } from '#testing';

/** What `npm start`, `npm run demo` and `npm run migrate` run once everything is set up. */
const patchpoint = join(packageFolder(), 'dist/apps/cli/src/main.js');

describe('patchpoint demo', () => {
  it.each([
    ['on request', []],
    ['by itself', ['--auto']],
  ])('resumes %s, and ends with the proof and exit code 0', async (_, options) => {
    const { stdout, exitCode } = await execa('node', [patchpoint, 'demo', ...options], { reject: false });
    const tree = '[0-9a-f]{40,64}';
    expect(stdout.split('\n').at(-1)).toMatch(
      new RegExp(`^restored tree (${tree}) equals captured tree (${tree})$`),
    );
    const [, before, after] =
      /conversation +(\d+) messages when the machine was lost, (\d+) in the first call after it/.exec(
        stdout,
      )!;
    expect(Number(before)).toBe(3);
    expect(Number(after)).toBeGreaterThan(3);
    expect(exitCode).toBe(0);
  });

  it('names the command that installs an agent which is not there', async () => {
    const { stderr, exitCode } = await execa(process.execPath, [patchpoint, 'demo', '--agent', 'codex'], {
      env: { PATH: temporaryFolder() },
      reject: false,
    });
    expect(stderr).toContain('`codex` is not on the PATH');
    expect(stderr).toContain('npm install --global @openai/codex');
    expect(exitCode).toBe(2);
  });

  it('says what is wrong with a repository that it cannot use, and what to do', async () => {
    const { stderr, exitCode } = await execa('node', [patchpoint, 'demo', '--repo', temporaryFolder()], {
      reject: false,
    });
    expect(stderr).toContain('cannot be cloned');
    expect(stderr).toContain('--repo');
    expect(stderr).not.toContain('    at ');
    expect(exitCode).toBe(1);
  });
});

describe('patchpoint up', () => {
  it('runs a task, keeps it and its address over a restart, says where it runs, and stops on SIGINT', async () => {
    const dataDir = temporaryFolder();
    const first = await start(dataDir);
    const created = await fetch(`${first.patchStore}/v1/tasks`, {
      method: 'POST',
      headers: { ...bearer(dataDir), 'content-type': 'application/json' },
      // The README's own example.
      body: JSON.stringify({
        name: 'try it',
        runner: 'shell',
        repoUrl: 'new://try-it',
        plan: 'echo hello > hello.txt',
      }),
    });
    expect(created.status).toBe(201);
    const { id } = (await created.json()) as { id: string };
    const before = await eventually(
      async () => {
        const task = await taskAt(first.patchStore, dataDir, id);
        expect(task).toMatchObject({ state: 'completed' });
        expect(task.lastCheckpointNumber).toBeGreaterThan(0); // its checkpoint comes on a way of its own
        return task;
      },
      { timeoutMs: 60_000 },
    );
    const alreadyRuns = { stdout: `Patchpoint already runs at ${first.patchStore}`, exitCode: 0 };
    expect(await upAgain(dataDir)).toMatchObject(alreadyRuns);
    const elsewhere = await upAgain(dataDir, temporaryFolder()); // there, no record says that it runs
    expect(elsewhere.stdout.split('\n').at(-1)).toBe(alreadyRuns.stdout);
    expect(elsewhere.exitCode).toBe(0);
    expect(await taskAt(first.patchStore, dataDir, id)).toMatchObject({ state: 'completed' });
    const leaveRecord = recordOfAnUp(dataDir);
    expect(await first.stop()).toBe(0);

    leaveRecord(); // as an `up` that was killed does
    const second = await start(dataDir);
    expect(second.patchStore).toBe(first.patchStore);
    expect(await taskAt(second.patchStore, dataDir, id)).toMatchObject({
      state: 'completed',
      lastCheckpointNumber: before.lastCheckpointNumber,
    });
    expect(await second.stop()).toBe(0);
  });
});

describe('patchpoint migrate', () => {
  const database = useDatabase();

  it('says that a current database is current', async () => {
    const { stdout } = await execa('node', [patchpoint, 'migrate'], { env: { DATABASE_URL: database.url } });
    expect(stdout).toBe('The database is up to date.');
  });

  it('names the variable when it is missing', async () => {
    const { stderr, exitCode } = await execa('node', [patchpoint, 'migrate'], {
      env: { DATABASE_URL: '' },
      reject: false,
    });
    expect(stderr).toContain('set DATABASE_URL');
    expect(exitCode).not.toBe(0);
  });
});

async function upAgain(dataDir: string, stateHome = join(dataDir, 'state')) {
  return execa('node', [patchpoint, 'up', '--data-dir', dataDir], {
    env: { XDG_STATE_HOME: stateHome },
    reject: false,
  });
}

/** The record of the `up` that runs now; returns how to write it again when its process is gone. */
function recordOfAnUp(dataDir: string): () => void {
  const folder = join(dataDir, 'state', 'patchpoint', 'running');
  const [name] = readdirSync(folder);
  const file = join(folder, name!);
  const record = readFileSync(file, 'utf8');
  return () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, record);
  };
}

async function start(dataDir: string): Promise<{ patchStore: string; stop: () => Promise<number> }> {
  const up = execa('node', [patchpoint, 'up', '--data-dir', dataDir], {
    env: { XDG_STATE_HOME: join(dataDir, 'state') }, // a person's own commands must not find it
    reject: false,
    buffer: false,
  });
  let output = '';
  up.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  up.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const patchStore = await eventually(
    () => {
      const [, url] = /patch-store +(http:\S+)[\s\S]*Ctrl-C/.exec(output) ?? [];
      if (url === undefined) throw new Error(`Not started yet: ${output}`);
      return url;
    },
    { timeoutMs: 60_000 },
  );
  return {
    patchStore,
    stop: async () => {
      up.kill('SIGINT');
      return (await up).exitCode!;
    },
  };
}

async function taskAt(
  patchStore: string,
  dataDir: string,
  id: string,
): Promise<{ state: string; lastCheckpointNumber: number }> {
  const answer = await fetch(`${patchStore}/v1/tasks/${id}`, { headers: bearer(dataDir) });
  return (await answer.json()) as { state: string; lastCheckpointNumber: number };
}

function bearer(dataDir: string): { authorization: string } {
  return { authorization: `Bearer ${readFileSync(join(dataDir, 'credentials/api-token'), 'utf8').trim()}` };
}
