import { describe, expect, it } from '@jest/globals';
import { decideNats, type NatsSources } from './nats-address.js';
import type { RunningStack } from './running-stacks.js';

describe('decideNats', () => {
  const server = 'http://127.0.0.1:1234';
  const running = [{ server, natsUrl: 'nats://stack', natsCredentialsFile: '/own.nk' }] as RunningStack[];
  const all: NatsSources = {
    flag: 'nats://flag',
    variables: { NATS_URL: 'nats://variable' },
    file: { nats: 'nats://file' },
    running,
    server,
  };

  it('takes flag, variable, config file, and the stack of that server, in this order', () => {
    const urlOf = (sources: Partial<NatsSources>): string => decideNats({ ...all, ...sources }).url;
    expect(urlOf({})).toBe('nats://flag');
    expect(urlOf({ flag: undefined })).toBe('nats://variable');
    expect(urlOf({ flag: undefined, variables: {} })).toBe('nats://file');
    expect(urlOf({ flag: undefined, variables: {}, file: {} })).toBe('nats://stack');
  });

  it("never takes another server's", () => {
    const elsewhere = { flag: undefined, variables: {}, file: {}, running, server: 'https://elsewhere' };
    expect(() => decideNats(elsewhere)).toThrow('https://elsewhere');
  });

  it('gives the credentials of a stack to its own NATS alone, and prefers those of the variable', () => {
    const fileOf = (sources: Partial<NatsSources>) => decideNats({ ...all, ...sources }).credentialsFile;
    const variables = { PATCHPOINT_NATS_CREDENTIALS_FILE: '/named.creds' };
    expect(fileOf({})).toBeUndefined();
    expect(fileOf({ flag: 'nats://stack' })).toBe('/own.nk');
    expect(fileOf({ flag: undefined, variables: {}, file: {} })).toBe('/own.nk');
    expect(fileOf({ flag: 'nats://stack', variables })).toBe('/named.creds');
    expect(fileOf({ variables })).toBe('/named.creds');
    const file = { nats: 'nats://file', natsCredentialsFile: '/file.creds' };
    expect(fileOf({ flag: undefined, variables: {}, file })).toBe('/file.creds');
    expect(fileOf({ file })).toBeUndefined();
  });
});
