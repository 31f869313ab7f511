import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from '@jest/globals';
import { eventually, temporaryFolder } from '#testing';
import { startNatsServer } from '../nats/start-nats-server.js';
import { identifyProcess, isAlive, type ProcessIdentity } from './process-identity.js';
import { reclaimServer, recordServer } from './server-record.js';

describe('a server whose owner is gone', () => {
  it('stops by itself, and its folder and port can be used at once', async () => {
    const dataDir = temporaryFolder();
    const { owner, server, port } = await startServerInAnotherProcess(dataDir);

    owner.kill('SIGKILL');
    await once(owner, 'exit');
    const next = await startNatsServer({ dataDir, port: { lasting: port } });

    expect(next.port).toBe(port);
    expect(isAlive(server)).toBe(false);
    await next.stop();
  });

  it('stops also when nobody starts another', async () => {
    const { owner, server } = await startServerInAnotherProcess(temporaryFolder());
    owner.kill('SIGKILL');
    await eventually(() => expect(isAlive(server)).toBe(false));
  });
});

describe('reclaimServer', () => {
  it('does nothing when the process id belongs to another process now', async () => {
    const file = join(temporaryFolder(), 'server.json');
    const bystander = spawn('/bin/sleep', ['60'], { stdio: 'ignore' });
    await recordServer(file, bystander.pid as number);
    const record = JSON.parse(await readFile(file, 'utf8')) as { server: ProcessIdentity };
    await writeFile(file, JSON.stringify({ ...record, server: { ...record.server, startedAt: '1' } }));

    await reclaimServer(file, 'a server', 'SIGTERM');

    expect(identifyProcess(bystander.pid as number)).toBeDefined();
    bystander.kill();
    await once(bystander, 'exit');
  });

  it('does nothing when there is no record', async () => {
    await reclaimServer(join(temporaryFolder(), 'server.json'), 'a server', 'SIGTERM');
  });
});

/** A Node process that runs a nats-server with the compiled code of this lib (`npm run build`). */
async function startServerInAnotherProcess(dataDir: string) {
  const compiled = new URL('../../../../dist/libs/embedded/src/nats/start-nats-server.js', import.meta.url);
  const script = `
    const { startNatsServer } = await import(${JSON.stringify(compiled.href)});
    const { pid, port } = await startNatsServer({ dataDir: ${JSON.stringify(dataDir)} });
    console.log(pid, port);`;
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(owner.stdout), 'line')) as [string];
  const [pid, port] = line.split(' ').map(Number) as [number, number];
  const server = identifyProcess(pid);
  if (server === undefined) throw new Error(`The other process did not start a server: ${line}`);
  return { owner, server, port };
}
