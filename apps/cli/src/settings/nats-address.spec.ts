import { describe, expect, it } from '@jest/globals';
import { decideNatsUrl } from './nats-address.js';
import type { RunningStack } from './running-stacks.js';

describe('decideNatsUrl', () => {
  const server = 'http://127.0.0.1:1234';
  const running = [{ server, natsUrl: 'nats://stack' }] as RunningStack[];
  const all = {
    flag: 'nats://flag',
    variables: { NATS_URL: 'nats://variable' },
    file: { nats: 'nats://file' },
  };

  it('takes flag, variable, config file, and the stack of that server, in this order', () => {
    expect(decideNatsUrl({ ...all, running, server })).toBe('nats://flag');
    expect(decideNatsUrl({ ...all, flag: undefined, running, server })).toBe('nats://variable');
    expect(decideNatsUrl({ ...all, flag: undefined, variables: {}, running, server })).toBe('nats://file');
    expect(decideNatsUrl({ flag: undefined, variables: {}, file: {}, running, server })).toBe('nats://stack');
  });

  it("never takes another server's", () => {
    const elsewhere = { flag: undefined, variables: {}, file: {}, running, server: 'https://elsewhere' };
    expect(() => decideNatsUrl(elsewhere)).toThrow('https://elsewhere');
  });
});
