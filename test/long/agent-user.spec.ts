import { accessSync, chmodSync, constants, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa, execaSync } from 'execa';
import { v7 as uuidv7 } from 'uuid';
import { PatchStoreClient } from '#client';
import { startStack, type Stack } from '#embedded';
import { computeTreeSha } from '#git';
import { packageFolder } from '#runtime';
import { eventually, temporaryFolder } from '#testing';

const NOBODY = 65_534;
const daemon = join(packageFolder(), 'dist/apps/daemon-agent/src/main.js');

/** Root alone becomes another user, who must be able to read this checkout. */
const isPossible = process.geteuid?.() === 0 && canRead(daemon);
const describeAsRoot = isPossible ? describe : describe.skip;

describeAsRoot('PATCHPOINT_AGENT_USER', () => {
  const dataDir = join(temporaryFolder(), 'data');
  let stack: Stack;
  let patchStore: PatchStoreClient;

  beforeAll(async () => {
    stack = await start();
    patchStore = new PatchStoreClient(stack.patchStore.url, stack.credentials!.apiToken);
  }, 120_000);
  afterAll(() => stack?.stop(), 90_000);

  const start = (): Promise<Stack> =>
    startStack({
      dataDir,
      ingestReplicas: 1,
      daemonIds: ['daemon-1'],
      environment: {
        'daemon-agent': { PATCHPOINT_AGENT_USER: 'nobody', PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '1' },
      },
    });

  it('runs setup and agent as that user, and captures exactly what they wrote', async () => {
    const plan = `id -u > agent.txt; id -G > groups.txt; printf '%s' "$HOME" > home.txt
      umask 077; echo mine > private.txt; ln -s /etc/passwd link; ls -ld . > listing.txt`;
    const { worktreePath, checkpoint } = await run(plan, 'id -u > setup.txt');
    const read = (name: string): string => readFileSync(join(worktreePath, name), 'utf8').trim();
    expect([read('setup.txt'), read('agent.txt')]).toEqual([String(NOBODY), String(NOBODY)]);
    expect(read('groups.txt')).toBe(execaSync('id', ['-G', 'nobody']).stdout);
    expect(read('home.txt')).not.toBe('/root');
    expect(statSync(join(worktreePath, 'private.txt'))).toMatchObject({ uid: NOBODY });
    const shadowDir = join(temporaryFolder(), 'shadow');
    expect(checkpoint.treeSha).toBe(await computeTreeSha({ worktreeDir: worktreePath, shadowDir }));
  });

  it('keeps credentials, the data of others and its own environment from agents', async () => {
    const { files } = stack.credentials!;
    const secrets = [
      files.apiToken,
      files.natsDaemon('daemon-1'),
      files.natsOwner,
      join(dataDir, 'postgres/password'),
      join(dataDir, 'run/daemon-1.log'),
      join(dataDir, 'ports.json'),
      `/proc/${stack.agent('daemon-1').pid}/environ`,
      `/proc/${stack.patchStore.pid}/environ`,
    ];
    const tries = secrets.map((path) => `cat '${path}' && echo 'got ${path}' >> got.txt`);
    const { worktreePath } = await run(
      [...tries, `ls '${dataDir}' && echo listed >> got.txt`, 'echo end >> got.txt'].join('\n'),
    );
    expect(readFileSync(join(worktreePath, 'got.txt'), 'utf8')).toBe('end\n');
  });

  it('lets the daemon go on with its folder when it is started again', async () => {
    await stack.agent('daemon-1').stop();
    await stack.startAgent('daemon-1');
    const { worktreePath } = await run('id -u > again.txt');
    expect(readFileSync(join(worktreePath, 'again.txt'), 'utf8')).toBe(`${NOBODY}\n`);
  });

  it.each([
    ['nobody', { uid: 1, gid: 1 }, 'only a daemon that is started by root'],
    ['no-such-user', {}, 'there is no such user'],
    ['root', {}, 'would be root'],
  ])('is refused at the start: %s', async (name, user, reason) => {
    const stateDir = temporaryFolder();
    chmodSync(stateDir, 0o777);
    const { exitCode, stderr } = await execa(process.execPath, [daemon], {
      env: { PATCHPOINT_AGENT_USER: name, PATCHPOINT_STATE_DIR: join(stateDir, 'state') },
      cwd: '/',
      reject: false,
      ...user,
    });
    expect(stderr).toContain(`PATCHPOINT_AGENT_USER is "${name}": `);
    expect(stderr).toContain(reason);
    expect(exitCode).toBe(78);
  });

  async function run(plan: string, setup?: string) {
    const id = uuidv7();
    await patchStore.createTask({ id, name: 'other', runner: 'shell', repoUrl: 'new://other', plan, setup });
    return eventually(
      async () => {
        const task = await patchStore.task(id);
        const [checkpoint] = await patchStore.checkpoints(id);
        expect(task).toMatchObject({ state: 'completed' });
        expect(checkpoint).toMatchObject({ kind: 'final' });
        return { worktreePath: task.worktreePath!, checkpoint: checkpoint! };
      },
      { timeoutMs: 60_000, intervalMs: 200 },
    );
  }
});

function canRead(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return (
      execaSync('test', ['-r', path], { uid: NOBODY, gid: NOBODY, cwd: '/', reject: false }).exitCode === 0
    );
  } catch {
    return false;
  }
}
