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
});
