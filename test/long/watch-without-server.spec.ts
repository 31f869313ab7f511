import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execaSync } from 'execa';
import { v7 as uuidv7 } from 'uuid';
import { PatchStoreClient } from '#client';
import { findNatsServer } from '#embedded';
import type { CheckpointView, TaskSummary } from '#contracts';
import { eventually, temporaryFolder } from '#testing';
import type { RunningStack } from '../../apps/cli/src/settings/running-stacks.js';
import { runCli } from '../testing/use-cli.js';
import { PATIENCE, Watching } from '../testing/watching.js';

/** How the watch of a person's worktree outlives its server. The servers here are whole ones. */
describe('patchpoint watch', () => {
  let home: string;
  let worktreeDir: string;
  let dataDir: string;
  const stops: (() => Promise<unknown>)[] = [];

  beforeEach(() => {
    [home, dataDir] = [temporaryFolder(), temporaryFolder()];
    worktreeDir = join(home, 'site');
    mkdirSync(worktreeDir);
    const git = (...args: string[]) => execaSync('git', args, { cwd: worktreeDir });
    git('init', '--quiet', '--initial-branch=main');
    write('page.txt', 'committed');
    git('add', '-A');
    git('-c', 'user.name=A', '-c', 'user.email=a@b.c', 'commit', '--quiet', '--message=first');
  });
  afterEach(async () => {
    for (const stop of stops.splice(0).toReversed()) await stop();
  });

  it('begins without a server, which then gets the task and all that was captured before', async () => {
    const watching = watch();
    await watching.says('kept');
    await captures(watching, 'one', 'two');
    const stack = await up();
    await watching.says('connected');
    write('page.txt', 'three');
    const task = await theTask(stack);
    await eventually(async () => expect((await stored(stack)).length).toBeGreaterThanOrEqual(4), PATIENCE);
    const all = await stored(stack);
    expect(all.every(({ attempt, superseded }) => attempt === 1 && !superseded)).toBe(true);
    expect(all.map(({ sequence }) => sequence)).toEqual(all.map((_, i) => i + 1));
    await expectRestored(stack, `${task.id}@${all[1]!.number}`, 'one');
    expect((await watching.end()).exitCode).toBe(0);
    await expectRestored(stack, task.id, 'three');
  });

  it.each([
    ['at other addresses', 'ports.json', 'natsUrl'],
    ['that wants other credentials', 'credentials', 'token'],
  ] as const)('finds a server %s, and delivers what was captured meanwhile', async (_, lost, other) => {
    const before = await up();
    const watching = watch();
    await watching.says('stored');
    await before.stop();
    await watching.says('cut-off');
    await captures(watching, 'meanwhile');
    rmSync(join(dataDir, lost), { recursive: true });
    const after = await up();
    expect(after[other]).not.toBe(before[other]);
    expect(await watching.says('connected')).toMatchObject({ deliveredCount: 1 });
    const meanwhile = (await stored(after)).findLast(({ attempt }) => attempt === 1)!;
    expect(meanwhile.superseded).toBe(false);
    await expectRestored(after, `${(await theTask(after)).id}@${meanwhile.number}`, 'meanwhile');
    expect((await watching.end()).exitCode).toBe(0);
  });

  it('killed and begun again without a server, is the same task, whose numbers go on', async () => {
    const first = watch();
    await first.says('kept');
    await captures(first, 'one');
    const { taskId } = await first.says('watching');
    await first.kill();
    const second = watch();
    expect(await second.says('watching')).toMatchObject({ taskId });
    await captures(second, 'two');
    const stack = await up();
    await second.says('connected');
    expect((await theTask(stack)).id).toBe(taskId);
    const all = await stored(stack);
    expect(all.map(({ sequence }) => sequence)).toEqual(all.map((_, i) => i + 1));
    expect(all.length).toBeGreaterThanOrEqual(3);
    await second.end();
    await expectRestored(stack, `${taskId}@${all[1]!.number}`, 'one');
    await expectRestored(stack, taskId as string, 'two');
  });

  it('creates its task on a server that is another one, and says so', async () => {
    const before = await up();
    expect((await once()).exitCode).toBe(0);
    await before.stop();
    const watching = watch();
    await captures(watching, 'for the other');
    dataDir = temporaryFolder();
    const other = await up();
    await watching.says('connected');
    expect((await watching.says('warning')).message).toContain('another Patchpoint');
    const task = await theTask(other);
    await watching.end();
    await expectRestored(other, task.id, 'for the other');
    expect((await stored(other)).every(({ attempt }) => attempt === 1)).toBe(true);
  });

  it('ends when its task was continued elsewhere meanwhile; what it captured is kept as superseded', async () => {
    const before = await up();
    expect((await once()).exitCode).toBe(0);
    await before.stop();
    const watching = watch();
    await captures(watching, 'cut off');
    // The same worktree under another state folder: to the server, the same daemon.
    const again = await up('elsewhere');
    const { id } = await theTask(again);
    const [folder] = readdirSync(join(home, 'state/patchpoint/watch'));
    const record = join('patchpoint/watch', folder!, 'watch.json');
    mkdirSync(join(home, 'elsewhere/patchpoint/watch', folder!), { recursive: true });
    writeFileSync(join(home, 'elsewhere', record), readFileSync(join(home, 'state', record)));
    expect((await once('elsewhere')).exitCode).toBe(0);
    // Now this watch can find it too.
    mkdirSync(join(home, 'config/patchpoint'), { recursive: true });
    const config = {
      server: again.server,
      token: again.token,
      nats: again.natsUrl,
      natsCredentialsFile: again.natsCredentialsFile,
    };
    writeFileSync(join(home, 'config/patchpoint/config.json'), JSON.stringify(config));
    const { exitCode, stderr } = await watching.ended;
    expect(stderr).toContain('Attempt 2 has taken over.');
    expect(exitCode).toBe(1);
    const own = (await stored(again)).find(({ attempt, superseded }) => attempt === 1 && superseded)!;
    await expectRestored(again, `${id}@${own.number}`, 'cut off');
  });

  it('--once without a server keeps the checkpoint here, and has an exit code for that', async () => {
    const { exitCode, stderr } = await once();
    expect(stderr).toMatch(/Stored on this disk only: 1 checkpoint waits.*next `patchpoint watch`/s);
    expect(exitCode).toBe(5);
    const stack = await up();
    expect((await once()).exitCode).toBe(0);
    expect(await stored(stack)).toMatchObject([{ attempt: 1 }, { attempt: 1 }]);
  });

  function write(name: string, text: string): void {
    writeFileSync(join(worktreeDir, name), `${text}\n`);
  }

  /** `patchpoint up`, found by the commands of that state folder. */
  async function up(stateDir = 'state'): Promise<Up> {
    const running = run(['up', '--data-dir', dataDir, '--agents', '1'], stateDir);
    const folder = join(home, stateDir, 'patchpoint/running');
    const record = await eventually(() => {
      const [file] = readdirSync(folder);
      return JSON.parse(readFileSync(join(folder, file!), 'utf8')) as Pick<
        RunningStack,
        'server' | 'natsUrl' | 'apiTokenFile' | 'natsCredentialsFile'
      >;
    }, PATIENCE);
    const stop = async (): Promise<void> => {
      running.kill('SIGINT');
      await running;
    };
    stops.push(stop);
    const token = readFileSync(record.apiTokenFile!, 'utf8').trim();
    return { ...record, token, client: new PatchStoreClient(record.server, token), stop };
  }

  function once(stateDir?: string) {
    return run(['watch', worktreeDir, '--once'], stateDir);
  }

  function watch(): Watching {
    const watching = new Watching(run(['watch', worktreeDir, '--every', '1s', '--json']));
    stops.push(() => watching.kill());
    return watching;
  }

  /** With no address of a server but those that it finds. */
  function run(args: string[], stateDir = 'state') {
    return runCli(home, args, {
      XDG_STATE_HOME: join(home, stateDir),
      PATCHPOINT_SERVER: '',
      NATS_URL: '',
      NATS_SERVER_BIN: findNatsServer(),
    });
  }

  /** Writes each text, and waits until it is captured while there is no server. */
  async function captures(watching: Watching, ...texts: string[]): Promise<void> {
    await watching.says('cut-off');
    for (const text of texts) {
      const before = watching.count('kept');
      write('page.txt', text);
      await eventually(() => expect(watching.count('kept')).toBeGreaterThan(before), PATIENCE);
    }
  }

  async function expectRestored(stack: Up, checkpoint: string, text: string): Promise<void> {
    const into = join(home, `restored-${uuidv7()}`);
    const restored = await runCli(home, ['restore', checkpoint, '--into', into], {
      PATCHPOINT_SERVER: stack.server,
      PATCHPOINT_API_TOKEN: stack.token,
    });
    expect(restored.stderr).not.toContain('Error');
    expect(readFileSync(join(into, 'page.txt'), 'utf8')).toBe(`${text}\n`);
  }
});

interface Up extends Pick<RunningStack, 'server' | 'natsUrl' | 'natsCredentialsFile'> {
  token: string;
  client: PatchStoreClient;
  stop: () => Promise<void>;
}

async function theTask({ client }: Up): Promise<TaskSummary> {
  for await (const task of client.tasks()) return task;
  throw new Error('There is no task.');
}

/** Its checkpoints in the order in which they were captured; numbers are given as they arrive. */
async function stored(stack: Up): Promise<CheckpointView[]> {
  const all = await stack.client.checkpoints((await theTask(stack)).id);
  return all.sort((a, b) => a.attempt - b.attempt || a.sequence - b.sequence);
}
