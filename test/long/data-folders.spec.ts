import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { PatchStoreClient } from '#client';
import { findNatsServer, startStack, type Stack } from '#embedded';
import { eventually, temporaryFolder } from '#testing';
import type { RunningStack } from '../../apps/cli/src/settings/running-stacks.js';
import { expectFailure, runCli } from '../testing/use-cli.js';

const itAsRoot = process.geteuid?.() === 0 ? it : it.skip;
const modeOf = (path: string): number => statSync(path).mode & 0o777;

/** How a data folder came to be, and what its owner may do who knows no more than where it is. */
describe('a data folder', () => {
  it('of a version without credentials gets them, loses nothing, and keeps them', async () => {
    const dataDir = temporaryFolder();
    const before = await start(dataDir, { isOpen: true });
    const id = await aTask(new PatchStoreClient(before.patchStore.url));
    await before.stop();
    expect(readdirSync(dataDir)).not.toContain('credentials');
    for (const name of ['', 'run', 'nats']) chmodSync(join(dataDir, name), 0o755);

    const tokens: string[] = [];
    for (let restarts = 0; restarts < 2; restarts += 1) {
      const stack = await start(dataDir);
      const { apiToken } = stack.credentials!;
      tokens.push(apiToken);
      await expect(new PatchStoreClient(stack.patchStore.url).task(id)).rejects.toThrow(/Authorization/);
      const client = new PatchStoreClient(stack.patchStore.url, apiToken);
      expect(await client.task(id)).toMatchObject({ state: 'completed', lastCheckpointNumber: 1 });
      await aTask(client);
      await stack.stop();
    }
    expect(tokens[1]).toBe(tokens[0]);
    for (const name of ['run', 'nats', 'agents', 'credentials'])
      expect(modeOf(join(dataDir, name))).toBe(0o700);
    expect(modeOf(dataDir) & 0o007).toBe(0);
  });

  itAsRoot('of another user is refused, and so are credentials that others can read', async () => {
    const home = temporaryFolder();
    const theirs = join(home, 'theirs');
    mkdirSync(theirs);
    chownSync(theirs, 65_534, 65_534);
    const env = { NATS_SERVER_BIN: findNatsServer(), PATCHPOINT_API_TOKEN: '' };
    const first = await runCli(home, ['up', '--data-dir', theirs], env);
    expectFailure(first, 1, `${theirs} belongs to another user (65534)`, 'chown');

    const own = join(home, 'own');
    await (await start(own)).stop();
    chmodSync(join(own, 'credentials/api-token'), 0o644);
    const second = await runCli(home, ['up', '--data-dir', own], env);
    expectFailure(second, 1, `${own}/credentials/api-token can be read by other users`, 'Remove it');
  });

  it('with a token of the operator is used with that one, and says so to whoever has another', async () => {
    const home = temporaryFolder();
    const given = { PATCHPOINT_API_TOKEN: 'chosen-by-the-operator' };
    const up = runCli(home, ['up', '--data-dir', join(home, 'data'), '--agents', '1'], {
      ...given,
      NATS_SERVER_BIN: findNatsServer(),
    });
    try {
      const record = await recordIn(join(home, 'state/patchpoint/running'));
      expect(record.apiTokenFile).toBeUndefined();
      const [right, wrong, none] = [
        await runCli(home, ['tasks'], given),
        await runCli(home, ['tasks'], { PATCHPOINT_API_TOKEN: 'another-one-of-them' }),
        await runCli(home, ['tasks'], { PATCHPOINT_API_TOKEN: '' }),
      ];
      expect(right.exitCode).toBe(0);
      expectFailure(wrong, 4, 'The server refuses the token (PATCHPOINT_API_TOKEN)', 'credentials/api-token');
      expectFailure(none, 4, 'asks for a token, and there is none', 'Set PATCHPOINT_API_TOKEN');
    } finally {
      up.kill('SIGINT');
    }
    const { stdout, stderr } = await up;
    expect(stdout + stderr).not.toContain(given.PATCHPOINT_API_TOKEN);
  });
});

function start(dataDir: string, options: { isOpen?: boolean } = {}): Promise<Stack> {
  return startStack({ dataDir, ingestReplicas: 1, daemonIds: ['daemon-1'], ...options });
}

/** One that has left a checkpoint. */
async function aTask(client: PatchStoreClient): Promise<string> {
  const id = uuidv7();
  await client.createTask({
    id,
    name: 'kept',
    runner: 'shell',
    repoUrl: 'new://kept',
    plan: 'echo 1 > 1.txt',
  });
  await eventually(
    async () => expect(await client.task(id)).toMatchObject({ state: 'completed', lastCheckpointNumber: 1 }),
    { timeoutMs: 60_000 },
  );
  return id;
}

async function recordIn(folder: string): Promise<RunningStack> {
  return eventually(
    () => JSON.parse(readFileSync(join(folder, readdirSync(folder)[0]!), 'utf8')) as RunningStack,
    {
      timeoutMs: 60_000,
    },
  );
}
