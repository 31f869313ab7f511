import { describe, expect, it } from '@jest/globals';
import { connectionOptions, describeAddress } from './connection-options.js';

const options = (url: string) => connectionOptions({ url }, 'test');

describe('connectionOptions', () => {
  it('reads several servers', () => {
    expect(options('nats://one:4222, nats://two:4223').servers).toEqual(['one:4222', 'two:4223']);
  });

  it('reads a login from the URL', () => {
    expect(options('nats://agent:p%40ss@one:4222')).toMatchObject({ user: 'agent', pass: 'p@ss' });
    expect(options('nats://s3cret@one:4222')).toMatchObject({ token: 's3cret' });
    expect(options('nats://one:4222')).not.toHaveProperty('user');
  });

  it('takes replies where it is told to', () => {
    const address = { url: 'nats://one:4222', inboxPrefix: '_INBOX_d1' };
    expect(connectionOptions(address, 'test')).toHaveProperty('inboxPrefix', '_INBOX_d1');
    expect(options('nats://one:4222')).not.toHaveProperty('inboxPrefix');
  });

  it('speaks TLS when the URL says so', () => {
    expect(options('tls://one:4222')).toHaveProperty('tls', {});
    expect(options('nats://one:4222')).not.toHaveProperty('tls');
  });

  it('never gives up', () => {
    expect(options('nats://one:4222')).toMatchObject({
      maxReconnectAttempts: -1,
      ignoreAuthErrorAbort: true,
    });
  });
});

describe('describeAddress', () => {
  it('shows no credentials', () => {
    expect(describeAddress({ url: 'nats://agent:pass@one:4222,nats://two:4222' })).toBe('one:4222, two:4222');
  });
});
