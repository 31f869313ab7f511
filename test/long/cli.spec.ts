import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { CreatedToken, TaskView } from '#contracts';
import { packageFolder } from '#runtime';
import { eventually } from '#testing';
import { renderCliDocument } from '../../generators/cli/render-cli-document.js';
import { shortId } from '../../apps/cli/src/output/format.js';
import { screens } from '../../generators/cli/screens.js';
import { expectFailure, useCli } from '../testing/use-cli.js';

describe('patchpoint', () => {
  const cli = useCli();

  it('says and shows what docs/cli.md says it does', async () => {
    const document = readFileSync(join(packageFolder(), 'docs/cli.md'), 'utf8');
    // Not so? `npm run docs` writes it anew.
    expect(await renderCliDocument(screens(cli.played))).toBe(document);
  });

  it('takes ids in parts, and lists the candidates for what is ambiguous', async () => {
    const suffix = cli.task.id.slice(-6);
    expect(await cli.json('log', suffix)).toMatchObject({ task: { id: cli.task.id } });
    const twins = await Promise.all(
      [1, 2].map(() =>
        cli.json<TaskView>(
          'run',
          '--repo',
          'new://twin',
          '--runner',
          'shell',
          '--name',
          'twin',
          '--',
          'true',
        ),
      ),
    );
    const ambiguous = await cli.run('log', 'twin');
    expectFailure(ambiguous, 3, 'SOURCE', ...twins.map(({ id }) => `${shortId(id)}  twin`));
    const asJson = await cli.run('show', 'twin', '--json');
    expect(JSON.parse(asJson.stderr)).toMatchObject({ error: { code: 'TASK_AMBIGUOUS' } });
  });

  it('finds a task whose name ends in @2, unless another has that checkpoint', async () => {
    const runNamed = (name: string) =>
      cli.json<TaskView>('run', '--repo', 'new://at', '--runner', 'shell', '--name', name, '--', 'true');
    const [lone, twoWays] = await Promise.all([runNamed('lone@2'), runNamed('fix-login@2')]);
    await eventually(
      async () => expect(await cli.json('show', 'lone@2')).toMatchObject({ task: { id: lone.id } }),
      { timeoutMs: 60_000 },
    );
    expect(await cli.json('show', 'lone@2@1')).toMatchObject({
      task: { id: lone.id },
      checkpoint: { number: 1 },
    });
    const [whole, numbered] = [shortId(twoWays.id), `${shortId(cli.task.id)}@2`];
    expectFailure(await cli.run('show', 'fix-login@2'), 3, `${whole} `, `${numbered} `);
    expect(await cli.json('show', numbered)).toMatchObject({
      task: { id: cli.task.id },
      checkpoint: { number: 2 },
    });
    expectFailure(await cli.run('show', 'lone@'), 2, 'from 1 up');
  });

  it('follows a task to its end, and ends as it did', async () => {
    const plan = ['--', 'echo working; exit 7'];
    const run = await cli.run(
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
    const events = cli.run('events', '--task', 'fix-login', '--since', '1h', '--json');
    let seen = '';
    events.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
    await eventually(() => expect(seen.match(/"event":"checkpoint-stored"/g)).toHaveLength(2), {
      timeoutMs: 60_000,
    });
    events.kill('SIGINT');
    expect((await events).exitCode).toBe(0);
  });

  it('answers a checkpoint of an unchanged worktree with what is wrong', async () => {
    expectFailure(await cli.run('checkpoint', 'fix-login'), 1, 'No changes to checkpoint');
  });

  it('makes, lists and revokes tokens for the API', async () => {
    const made = await cli.json<CreatedToken>('token', 'create', 'dashboard', '--scope', 'read', 'content');
    expect(made).toMatchObject({ name: 'dashboard', scopes: ['read', 'content'], revokedAt: null });
    const list = await cli.run('token', 'list');
    expect(list.stdout).toMatch(new RegExp(`${made.id} .* dashboard +read content`));
    expect(list.stdout).not.toContain(made.token);
    expect((await cli.run('token', 'revoke', made.id)).stdout).toContain('revoked');
    expectFailure(await cli.run('token', 'revoke', cli.task.id), 3, 'no token');
    expectFailure(await cli.run('token', 'create', 'x', '--scope', 'root'), 2, 'root');
  });

  it('shows diffs, daemons, dead letters and health', async () => {
    const [patch, daemons, deadLetters, noLetter, doctor] = await Promise.all([
      cli.run('show', 'fix-login', '--patch'),
      cli.json('daemons'),
      cli.json('dead-letters', 'list'),
      cli.run('dead-letters', 'show', cli.task.id),
      cli.json<{ findings: { what: string; status: string }[] }>(
        'doctor',
        '--nats',
        cli.stack.nats.url,
        '--database-url',
        cli.stack.postgres.url,
      ),
    ]);
    expect(patch.stdout).toContain('+Log in with a name.');
    expect(patch.stdout).not.toContain('\u001B'); // nobody looks at a terminal
    expect(daemons).toMatchObject({ daemons: [{ id: 'daemon-1', state: 'alive' }] });
    expect(deadLetters).toEqual({ deadLetters: [] });
    expectFailure(noLetter, 3, 'no dead letter');
    const runners = doctor.findings.filter(({ what }) => what.startsWith('runner '));
    const others = doctor.findings.filter((finding) => !runners.includes(finding));
    for (const { what, status } of others) expect([what, status]).toEqual([what, 'ok']);
    expect(runners).toContainEqual(expect.objectContaining({ what: 'runner shell', status: 'ok' }));
  });

  it('shows what is captured and not stored yet', async () => {
    const untilUnconfirmed = (count: number) =>
      eventually(
        async () =>
          expect(await cli.patchStore.task(cli.task.id)).toMatchObject({ unconfirmedCaptures: { count } }),
        { timeoutMs: 60_000 },
      );
    await untilUnconfirmed(0);
    await cli.stack.apps.find(({ app }) => app === 'checkpoint-ingest')!.kill();
    writeFileSync(join(cli.task.worktreePath!, 'late.txt'), 'late\n');
    await cli.patchStore.createCheckpoint(cli.task.id, 'late');
    await untilUnconfirmed(1);
    expect((await cli.run('status')).stdout).toMatch(/UNCONFIRMED[^]+ 1, oldest \d+ s /);
    await cli.stack.startService('checkpoint-ingest', 'checkpoint-ingest-1');
    await untilUnconfirmed(0);
  });

  it('stops and resumes', async () => {
    await cli.json('stop', 'fix-login');
    await eventually(
      async () => expect(await cli.json('log', 'fix-login')).toMatchObject({ task: { state: 'stopped' } }),
      {
        timeoutMs: 60_000,
      },
    );
    expect(await cli.json('resume', 'fix-login', '--daemon', 'daemon-1')).toMatchObject({ attempt: 2 });
  });
});
