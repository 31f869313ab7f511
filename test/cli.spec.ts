import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { execa, type Result } from 'execa';
import { Client } from 'pg';
import type { TaskSummary, TaskView } from '#contracts';
import { computeTreeSha } from '#git';
import { packageFolder } from '#runtime';
import { eventually, temporaryFolder, useStack } from '#testing';
import { playScenario, SCENARIO_ENVIRONMENT, type Played } from '../generators/cli/play-scenario.js';
import { renderCliDocument } from '../generators/cli/render-cli-document.js';
import { screens } from '../generators/cli/screens.js';

const main = join(packageFolder(), 'dist/apps/cli/src/main.js');
const home = temporaryFolder();
const own = { XDG_STATE_HOME: join(home, 'state'), XDG_CONFIG_HOME: join(home, 'config') };

describe('patchpoint', () => {
  const stack = useStack({
    ingestReplicas: 1,
    daemonIds: ['daemon-1'],
    environment: {
      'daemon-agent': { ...SCENARIO_ENVIRONMENT, PATCHPOINT_SIGN_OF_LIFE_SECONDS: '1' },
      janitor: { PATCHPOINT_SWEEP_INTERVAL_SECONDS: '1' },
    },
  });
  let played: Played;
  let task: TaskSummary;

  const patchpoint = (...args: string[]) =>
    execa('node', [main, ...args], {
      env: { ...own, PATCHPOINT_SERVER: stack().patchStore.url },
      cwd: home,
      reject: false,
    });
  const json = async <T>(...args: string[]): Promise<T> => {
    const end = args.includes('--') ? args.indexOf('--') : args.length;
    const { stdout, stderr } = await patchpoint(...args.toSpliced(end, 0, '--json'));
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout) as T;
  };
  const request = (method: string, path: string, body?: object) =>
    fetch(stack().patchStore.url + path, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
  /** One sentence with the next step, and never a stack trace. */
  const expectFailure = (result: Result, exitCode: number, ...words: string[]) => {
    for (const word of words) expect(result.stderr).toContain(word);
    expect(result.stderr).not.toContain('    at ');
    expect(result.exitCode).toBe(exitCode);
  };

  beforeAll(async () => {
    played = await playScenario(stack(), join(temporaryFolder()));
    task = played.status.tasks[0]!;
  });

  it('says and shows what docs/cli.md says it does', async () => {
    const document = readFileSync(join(packageFolder(), 'docs/cli.md'), 'utf8');
    // Not so? `npm run docs` writes it anew.
    expect(await renderCliDocument(screens(played))).toBe(document);
  });

  it('restores a worktree here: whole, in part, as a preview, never over something', async () => {
    const preview = await json<{ treeSha: string; files: { path: string }[] }>(
      'restore',
      'fix-login@1',
      '--dry-run',
      '--into',
      'whole',
    );
    expect(preview.files.map(({ path }) => path)).toEqual(['src/legacy.ts', 'src/login.ts']);
    expect(existsSync(join(home, 'whole'))).toBe(false);

    const restored = await json<{ treeSha: string; folder: string }>(
      'restore',
      'fix-login',
      '--into',
      'whole',
    );
    expect(readFileSync(join(home, 'whole/docs.md'), 'utf8')).toBe('Log in with a name.\n');
    const shadowDir = join(temporaryFolder(), 'shadow');
    expect(await computeTreeSha({ worktreeDir: restored.folder, shadowDir })).toBe(restored.treeSha);

    expectFailure(
      await patchpoint('restore', 'fix-login', '--into', 'whole'),
      1,
      'whole is there already',
      '--into',
    );
    const parts = await patchpoint('restore', 'fix-login@1', '--path', 'src', '--into', 'parts');
    expect(parts.stdout).toContain('1 file written');
    expect(existsSync(join(home, 'parts/docs.md'))).toBe(false);
    expectFailure(
      await patchpoint('restore', 'fix-login', '--path', 'src/none.ts', '--into', 'parts'),
      1,
      'src/none.ts',
    );
  });

  it('tells why something cannot be restored', async () => {
    const [unknown, early, both, number] = await Promise.all([
      patchpoint('restore', 'nobody'),
      patchpoint('restore', 'fix-login', '--at', '2d'),
      patchpoint('restore', 'fix-login@1', '--at', '1h'),
      patchpoint('restore', 'fix-login@99'),
    ]);
    expectFailure(unknown, 3, 'There is no task "nobody"', 'patchpoint tasks');
    expectFailure(early, 3, 'had no checkpoint at', 'patchpoint log');
    expectFailure(both, 2, '--at');
    expectFailure(number, 3, 'no checkpoint 99');
  });

  it('takes ids in parts, and lists the candidates for what is ambiguous', async () => {
    const suffix = task.id.slice(-6);
    expect(await json('log', suffix)).toMatchObject({ task: { id: task.id } });
    const twins = await Promise.all(
      [1, 2].map(() =>
        json<TaskView>('run', '--repo', 'new://twin', '--runner', 'shell', '--name', 'twin', '--', 'true'),
      ),
    );
    const ambiguous = await patchpoint('log', 'twin');
    expectFailure(ambiguous, 3, ...twins.map(({ id }) => id));
    const asJson = await patchpoint('show', 'twin', '--json');
    expect(JSON.parse(asJson.stderr)).toMatchObject({ error: { code: 'TASK_AMBIGUOUS' } });
  });

  it('follows a task to its end, and ends as it did', async () => {
    const plan = ['--', 'echo working; exit 7'];
    const run = await patchpoint(
      'run',
      '--repo',
      'new://bad',
      '--runner',
      'shell',
      '--follow',
      '--json',
      ...plan,
    );
    const lines = run.stdout.split('\n').map((line) => JSON.parse(line) as { event: string; data: object });
    expect(lines).toContainEqual(
      expect.objectContaining({ event: 'task-output', data: expect.objectContaining({ text: 'working\n' }) }),
    );
    // What the task said on its way to the end may still come after it.
    expect(lines.findLast(({ event }) => event !== 'task-output')).toMatchObject({
      event: 'task-failed',
      data: { exitCode: 7 },
    });
    expect(run.exitCode).toBe(1);
  });

  it('replays events, and follows until it is told to stop', async () => {
    const events = patchpoint('events', '--task', 'fix-login', '--since', '1h', '--json');
    let seen = '';
    events.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
    await eventually(() => expect(seen.match(/"event":"checkpoint-stored"/g)).toHaveLength(2), {
      timeoutMs: 60_000,
    });
    events.kill('SIGINT');
    expect((await events).exitCode).toBe(0);
  });

  it('answers a checkpoint of an unchanged worktree with what is wrong', async () => {
    expectFailure(await patchpoint('checkpoint', 'fix-login'), 1, 'No changes to checkpoint');
  });

  it('shows diffs, daemons, dead letters and health', async () => {
    const [patch, daemons, deadLetters, noLetter, doctor] = await Promise.all([
      patchpoint('show', 'fix-login', '--patch'),
      json('daemons'),
      json('dead-letters', 'list'),
      patchpoint('dead-letters', 'show', task.id),
      json<{ findings: { what: string; status: string }[] }>(
        'doctor',
        '--nats',
        stack().nats.url,
        '--database-url',
        stack().postgres.url,
      ),
    ]);
    expect(patch.stdout).toContain('+Log in with a name.');
    expect(patch.stdout).not.toContain('\u001B'); // nobody looks at a terminal
    expect(daemons).toMatchObject({ daemons: [{ id: 'daemon-1', state: 'alive' }] });
    expect(deadLetters).toEqual({ deadLetters: [] });
    expectFailure(noLetter, 3, 'no dead letter');
    for (const { what, status } of doctor.findings) expect([what, status]).toEqual([what, 'ok']);
  });

  it('shows what is captured and not stored yet', async () => {
    const untilUnconfirmed = (count: number) =>
      eventually(
        async () =>
          expect(await (await request('GET', `/v1/tasks/${task.id}`)).json()).toMatchObject({
            unconfirmedCaptures: { count },
          }),
        { timeoutMs: 60_000 },
      );
    await untilUnconfirmed(0);
    await stack()
      .apps.find(({ app }) => app === 'checkpoint-ingest')!
      .kill();
    writeFileSync(join(task.worktreePath!, 'late.txt'), 'late\n');
    await request('POST', `/v1/tasks/${task.id}/checkpoints`, { message: 'late' });
    await untilUnconfirmed(1);
    expect((await patchpoint('status')).stdout).toMatch(/UNCONFIRMED[^]+ 1, oldest \d+ s /);
    await stack().startService('checkpoint-ingest', 'checkpoint-ingest-1');
    await untilUnconfirmed(0);
  });

  it('says that patches have expired, when they have', async () => {
    await request('POST', '/v1/tasks', {
      name: 'old',
      runner: 'shell',
      repoUrl: 'new://old',
      plan: 'echo old > old.txt',
    });
    const database = new Client(stack().postgres.url);
    await database.connect();
    const untilSome = (sql: string) =>
      eventually(async () => expect((await database.query(sql)).rowCount).toBeGreaterThan(0), {
        timeoutMs: 60_000,
      });
    await untilSome(
      `UPDATE checkpoint_patches p SET expires_at = now() - interval '1 s'
         FROM tasks t WHERE t.id = p.task_id AND t.name = 'old' AND t.state = 'completed' RETURNING p.id`,
    );
    await untilSome(
      `SELECT FROM task_checkpoints c JOIN tasks t ON t.id = c.task_id
        WHERE t.name = 'old' AND c.patch_id IS NULL AND c.bundle_id IS NULL`,
    );
    await database.end();

    const [restore, show] = await Promise.all([
      patchpoint('restore', 'old'),
      patchpoint('show', 'old', '--patch'),
    ]);
    expectFailure(restore, 3, 'expired', 'patchpoint log');
    expectFailure(show, 3, 'no diff to show', 'expired');
    // A resume is not refused: its plan can still be done. But nobody shall think that the work comes back.
    expect((await patchpoint('resume', 'old')).stdout).toMatch(/brings back +nothing: patch expired/);
  });

  it('stops and resumes', async () => {
    await json('stop', 'fix-login');
    await eventually(
      async () => expect(await json('log', 'fix-login')).toMatchObject({ task: { state: 'stopped' } }),
      {
        timeoutMs: 60_000,
      },
    );
    expect(await json('resume', 'fix-login', '--daemon', 'daemon-1')).toMatchObject({ attempt: 2 });
  });

  it('says that patches are gone, when they are', async () => {
    await request('DELETE', `/v1/tasks/${task.id}/patches`);
    expectFailure(await patchpoint('restore', 'fix-login@1'), 3, 'expired', 'patchpoint log');
    expectFailure(await patchpoint('show', 'fix-login@1', '--patch'), 3, 'no diff to show');
  });
});

describe('patchpoint without a server', () => {
  const alone = (args: string[], env: Record<string, string> = {}) =>
    execa('node', [main, ...args], {
      env: { ...own, PATCHPOINT_SERVER: '', ...env },
      cwd: home,
      reject: false,
    });

  it('says which flag is wrong, and that there is no server', async () => {
    const [flag, choice, none, refused] = await Promise.all([
      alone(['tasks', '--odd']),
      alone(['tasks', '--state', 'odd']),
      alone(['status']),
      alone(['status'], { PATCHPOINT_SERVER: 'http://127.0.0.1:1' }),
    ]);
    expect([flag.exitCode, flag.stderr]).toEqual([2, expect.stringContaining("unknown option '--odd'")]);
    expect([choice.exitCode, choice.stderr]).toEqual([2, expect.stringContaining('Allowed choices are')]);
    expect([none.exitCode, none.stderr]).toEqual([4, expect.stringContaining('patchpoint up')]);
    expect([refused.exitCode, refused.stderr]).toEqual([4, expect.stringContaining('does not answer')]);
  });

  it('does not start anything on a port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const dataDir = join(home, 'never');
    const up = await alone(['up', '--port', String(port), '--data-dir', dataDir]);
    taken.close();
    expect([up.exitCode, up.stderr]).toEqual([1, expect.stringContaining(`Port ${port} is taken`)]);
    expect(existsSync(dataDir)).toBe(false);
  });
});
