import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { createAccount, createOperator, createUser, type KeyPair } from '@nats-io/nkeys';
import { startNatsServer, type NatsServer } from '#embedded';
import { eventually, temporaryFolder } from '#testing';
import { NatsClient } from './nats-client.js';

const base64 = (data: string | Uint8Array): string => Buffer.from(data).toString('base64url');

/** A claim as `nsc` signs it. */
function jwt(issuer: KeyPair, subject: KeyPair, type: string, claim: object = {}): string {
  const body = {
    jti: `${type} of the test`,
    iat: Math.floor(Date.now() / 1000),
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    name: type,
    nats: { ...claim, type, version: 2 },
  };
  const text = `${base64('{"typ":"JWT","alg":"ed25519-nkey"}')}.${base64(JSON.stringify(body))}`;
  return `${text}.${base64(issuer.sign(Buffer.from(text)))}`;
}

function credentials(user: KeyPair, userJwt: string): string {
  const seed = Buffer.from(user.getSeed()).toString();
  return `-----BEGIN NATS USER JWT-----\n${userJwt}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`;
}

describe('a credentials file', () => {
  const [operator, account, system] = [createOperator(), createAccount(), createAccount()];
  const folder = temporaryFolder();
  const credentialsFile = join(folder, 'daemon.creds');
  let server: NatsServer;
  let client: NatsClient | undefined;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    const unlimited = {
      subs: -1,
      data: -1,
      payload: -1,
      conn: -1,
      imports: -1,
      exports: -1,
      wildcards: true,
    };
    const accountJwt = (key: KeyPair) =>
      jwt(operator, key, 'account', { limits: { ...unlimited, leaf: -1 } });
    const configFile = join(folder, 'nats-server.conf');
    writeFileSync(
      configFile,
      `operator: ${jwt(operator, operator, 'operator')}
       system_account: ${system.getPublicKey()}
       resolver: MEMORY
       resolver_preload: {
         ${account.getPublicKey()}: ${accountJwt(account)}
         ${system.getPublicKey()}: ${accountJwt(system)}
       }`,
    );
    server = await startNatsServer({ dataDir: temporaryFolder(), configFile });
  });
  afterAll(async () => {
    await client?.close();
    await server?.stop();
  });

  it('is taken as it is when we connect, so that it can be replaced', async () => {
    const [stranger, user] = [createUser(), createUser()];
    const userJwt = jwt(account, user, 'user', { subs: -1, data: -1, payload: -1 });
    writeFileSync(credentialsFile, credentials(stranger, userJwt));
    client = new NatsClient({ url: server.url, credentialsFile }, 'test');
    await expect(client.connectedWithin(500)).rejects.toThrow(/NATS/);
    writeFileSync(credentialsFile, credentials(user, userJwt));
    await eventually(() => client!.requireConnected(), { timeoutMs: 60_000 });
  });
});

describe('a file with the seed of an nkey', () => {
  it('is who we are, where nats-server has its public key', async () => {
    Logger.overrideLogger(false);
    const folder = temporaryFolder();
    const user = createUser();
    const [credentialsFile, configFile] = [join(folder, 'user.nk'), join(folder, 'nats-server.conf')];
    writeFileSync(credentialsFile, `${Buffer.from(user.getSeed()).toString()}\n`);
    writeFileSync(configFile, `authorization { users: [{ nkey: ${user.getPublicKey()} }] }`);
    const server = await startNatsServer({ dataDir: temporaryFolder(), configFile });
    const [own, nobody] = [{ url: server.url, credentialsFile }, { url: server.url }].map(
      (address) => new NatsClient(address, 'test'),
    );
    try {
      await own!.connectedWithin(30_000);
      await expect(nobody!.connectedWithin(500)).rejects.toThrow(/NATS/);
    } finally {
      await Promise.all([own!.close(), nobody!.close()]);
      await server.stop();
    }
  });
});
