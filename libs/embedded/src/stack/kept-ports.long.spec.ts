import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '#testing';
import { keepPorts, movedPorts, readKeptPorts, type StackPorts } from './kept-ports.js';
import type { Stack } from './stack.js';
import { startStack } from './start-stack.js';

// Real processes, compiled: run `npm run build` first (`npm test` does).

describe('the ports of a stack', () => {
  it('are those of the last time, others only where those are taken, and then it says so', async () => {
    const dataDir = temporaryFolder();
    const first = await portsOfAStart(dataDir);
    const second = await portsOfAStart(dataDir);
    expect(second).toEqual({ ports: first.ports, moved: [] });

    const { patchStore, nats } = first.ports;
    const [otherServer, another] = [createServer(), createServer()];
    await Promise.all([
      once(otherServer.listen(patchStore, '127.0.0.1'), 'listening'),
      once(another.listen(nats, '127.0.0.1'), 'listening'),
    ]);
    const third = await portsOfAStart(dataDir);
    otherServer.close();
    another.close();
    expect(third.ports).toMatchObject({ postgres: first.ports.postgres });
    expect(third.moved).toEqual([
      { server: 'patchStore', from: patchStore, to: third.ports.patchStore },
      { server: 'nats', from: nats, to: third.ports.nats },
    ]);
    expect([third.ports.patchStore, third.ports.nats]).not.toEqual([patchStore, nats]);
    expect(await readKeptPorts(dataDir)).toEqual(third.ports);
  });

  it('follow the one that is given for patch-store, which is kept too', async () => {
    const dataDir = temporaryFolder();
    const { ports } = await portsOfAStart(dataDir);
    const given = ports.patchStore === 19_999 ? 19_998 : 19_999;
    expect(await portsOfAStart(dataDir, given)).toEqual({
      ports: { ...ports, patchStore: given },
      moved: [],
    });
    expect(await readKeptPorts(dataDir)).toEqual({ ...ports, patchStore: given });
  });
});

describe('readKeptPorts', () => {
  const ports: StackPorts = { patchStore: 8080, nats: 4222, postgres: 5432 };

  it('reads what was kept, and nothing else is left in the folder', async () => {
    const dataDir = temporaryFolder();
    await keepPorts(dataDir, { ...ports, nats: 1 });
    await keepPorts(dataDir, ports);
    expect(await readKeptPorts(dataDir)).toEqual(ports);
    expect(await readdir(dataDir)).toEqual(['ports.json']);
  });

  it.each([
    ['nothing', '', {}],
    ['half a file', '{"patchStore": 80', {}],
    ['no object', 'null', {}],
    ['a list', '[1, 2]', {}],
    ['what is no port', '{"patchStore": "8080", "nats": 70000, "postgres": 5432.5}', {}],
    ['ports beside what is none', '{"patchStore": 8080, "nats": 0, "web": 3000}', { patchStore: 8080 }],
  ])('takes %s for what is left of it', async (_, text, left) => {
    const dataDir = temporaryFolder();
    await writeFile(join(dataDir, 'ports.json'), text);
    expect(await readKeptPorts(dataDir)).toEqual(left);
  });

  it('finds nothing in a new folder', async () => {
    expect(await readKeptPorts(join(temporaryFolder(), 'new'))).toEqual({});
  });
});

describe('movedPorts', () => {
  it('names only those that were kept and are others now', () => {
    const now = { patchStore: 1, nats: 2, postgres: 3 };
    expect(movedPorts({}, now)).toEqual([]);
    expect(movedPorts({ patchStore: 1, postgres: 4 }, now)).toEqual([{ server: 'postgres', from: 4, to: 3 }]);
  });
});

async function portsOfAStart(dataDir: string, httpPort?: number) {
  const stack = await startStack({ dataDir, ingestReplicas: 0, daemonIds: [], httpPort });
  const ports = portsOf(stack);
  const answer = await fetch(`http://127.0.0.1:${ports.patchStore}/healthz`);
  expect(answer.status).toBe(200);
  await stack.stop();
  return { ports, moved: stack.movedPorts };
}

function portsOf({ patchStore, nats, postgres }: Stack): StackPorts {
  return { patchStore: Number(new URL(patchStore.url).port), nats: nats.port, postgres: postgres.port };
}
