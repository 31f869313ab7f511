import { describe, expect, it } from '@jest/globals';
import { readPatchStoreConfig } from './patch-store.config.js';

describe('readPatchStoreConfig', () => {
  it('needs nothing but the database', () => {
    expect(readPatchStoreConfig({ DATABASE_URL: 'postgres://u:p@db/patchpoint' })).toMatchObject({
      database: { url: 'postgres://u:p@db/patchpoint', poolSize: 10 },
      nats: { url: 'nats://127.0.0.1:4222', streamReplicas: 1 },
    });
  });

  it('names the variable that is missing', () => {
    expect(() => readPatchStoreConfig({})).toThrow(/DATABASE_URL is not set/);
  });

  const on = (host: string, token?: string) =>
    readPatchStoreConfig({
      DATABASE_URL: 'postgres://u:p@db/patchpoint',
      PATCHPOINT_HTTP_HOST: host,
      PATCHPOINT_API_TOKEN: token,
    });

  it.each(['127.0.0.1', '127.8.0.1', 'localhost', '::1'])('needs no token on %s', (host) => {
    expect(on(host).http.host).toBe(host);
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', 'localhost.example.com', '127.0.0.1.example.com', ''])(
    'needs a token on "%s"',
    (host) => {
      if (host !== '')
        expect(() => on(host)).toThrow(/PATCHPOINT_HTTP_HOST is .* PATCHPOINT_API_TOKEN is not set/);
      expect(on(host, 'a-long-enough-token').apiToken).toBe('a-long-enough-token');
    },
  );

  it('refuses a token that is easily guessed or cannot be sent, and does not show it', () => {
    expect(() => on('127.0.0.1', 'secret')).toThrow(/^PATCHPOINT_API_TOKEN: must be 16 or more/);
    expect(() => on('127.0.0.1', 'two words are not one token')).toThrow(/^PATCHPOINT_API_TOKEN: must be/);
  });
});
