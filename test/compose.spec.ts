import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import { execa } from 'execa';
import { parse } from 'yaml';
import { startNatsServer } from '#embedded';
import { packageFolder } from '#runtime';
import { temporaryFolder } from '#testing';

const command = 'node scripts/compose-credentials.mjs';
const text = readFileSync(join(packageFolder(), 'docker-compose.yml'), 'utf8');
const { services } = parse(text) as { services: Record<string, { ports?: string[] }> };

describe('docker-compose.yml', () => {
  const folder = temporaryFolder();
  let made: Record<string, string>;

  beforeAll(async () => {
    writeFileSync(join(folder, '.env'), 'MINE=1\nPOSTGRES_PASSWORD=mine', { mode: 0o644 });
    chmodSync(join(folder, '.env'), 0o644);
    const { stdout } = await makeCredentials();
    made = readEnv();
    expect(stdout).toBe(
      'Added to .env: PATCHPOINT_API_TOKEN, CHECKPOINT_INGEST_PASSWORD, PATCH_STORE_PASSWORD, JANITOR_PASSWORD, WORKER_1_PASSWORD, DASHBOARD_PASSWORD.',
    );
  });

  it('takes every password from a file of its owner alone, which keeps what was in it', async () => {
    expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600);
    expect(made).toMatchObject({ MINE: '1', POSTGRES_PASSWORD: 'mine' });
    const { stdout } = await makeCredentials();
    expect(stdout).toBe('Nothing was missing in .env.');
    expect(readEnv()).toEqual(made);
  });

  it('has no password of its own, and asks for none that the command does not make', () => {
    const used = [...text.matchAll(/\$\{(\w+)([^}]*)\}/g)].map(([, name, rest]) => [name!, rest!] as const);
    expect(used.filter(([, rest]) => rest.startsWith(':-') || rest.startsWith('-'))).toEqual([]);
    expect(used.filter(([name]) => made[name] === undefined)).toEqual([]);
    const required = new Set(used.filter(([, rest]) => rest.startsWith(':?')).map(([name]) => name));
    expect(used.filter(([name]) => !required.has(name))).toEqual([]);
    expect(text).not.toMatch(/:\/\/\w+:(?!\$\{)[^@\s]*@/);
  });

  it('publishes ports on loopback alone, and none of Postgres', () => {
    const ports = Object.values(services).flatMap((service) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(0);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    expect(services['postgres']!.ports).toBeUndefined();
  });

  it('has a NATS that takes these passwords, and nobody without one', async () => {
    Object.assign(process.env, made);
    const configFile = join(packageFolder(), 'examples/nats-permissions/nats-server.conf');
    const { url: servers, stop } = await startNatsServer({ dataDir: temporaryFolder(), configFile });
    try {
      for (const [user, name] of [
        ['patch-store', 'PATCH_STORE_PASSWORD'],
        ['worker-1', 'WORKER_1_PASSWORD'],
      ] as const) {
        await (await connect({ servers, user, pass: made[name]! })).close();
      }
      await expect(connect({ servers, reconnect: false })).rejects.toThrow(/uthorization/);
    } finally {
      await stop();
    }
  });

  function makeCredentials() {
    const [program, script] = command.split(' ');
    return execa(program!, [join(packageFolder(), script!)], { cwd: folder });
  }

  function readEnv(): Record<string, string> {
    const lines = readFileSync(join(folder, '.env'), 'utf8').trim().split('\n');
    return Object.fromEntries(lines.map((line) => line.split('=') as [string, string]));
  }
});
