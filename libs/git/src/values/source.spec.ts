import { describe, expect, it } from '@jest/globals';
import { parseSource } from './source.js';

describe('parseSource', () => {
  it.each([
    ['new://my-app', { kind: 'new', name: 'my-app' }],
    ['https://example.com/team/repo.git', { kind: 'remote', url: 'https://example.com/team/repo.git' }],
    ['ssh://git@example.com:2222/repo', { kind: 'remote', url: 'ssh://git@example.com:2222/repo' }],
    ['git@example.com:team/repo.git', { kind: 'remote', url: 'git@example.com:team/repo.git' }],
    ['/srv/a repo', { kind: 'local', path: '/srv/a repo', url: 'file:///srv/a%20repo' }],
    ['https://example.com/?p=repo.git', { kind: 'remote', url: 'https://example.com/?p=repo.git' }],
    ['file:///srv/repo', { kind: 'local', path: '/srv/repo', url: 'file:///srv/repo' }],
  ])('reads %s', (source, expected) => {
    expect(parseSource(source)).toEqual(expected);
  });

  it.each([
    ['', 'BAD_URL'],
    ['relative/path', 'BAD_URL'],
    ['--upload-pack=touch /tmp/x', 'BAD_URL'],
    ['-oProxyCommand=x:y', 'BAD_URL'],
    ['ssh://-oProxyCommand=x/repo', 'BAD_URL'],
    ['git@-oProxyCommand=x:repo', 'BAD_URL'],
    ['git@example.com:-repo', 'BAD_URL'],
    ['https://example.com/a\nb', 'BAD_URL'],
    ['file://host/path', 'BAD_URL'],
    ['new://', 'BAD_URL'],
    ['new://../up', 'BAD_URL'],
    ['https://', 'BAD_URL'],
    ['ext::sh -c "touch /tmp/x"', 'PROTOCOL_FORBIDDEN'],
    ['fd::3', 'PROTOCOL_FORBIDDEN'],
    ['http://example.com/repo', 'PROTOCOL_FORBIDDEN'],
    ['git://example.com/repo', 'PROTOCOL_FORBIDDEN'],
    ['ftp://example.com/repo', 'PROTOCOL_FORBIDDEN'],
    ['https://user:secret@example.com/repo', 'CREDENTIALS_IN_URL'],
    ['https://token@example.com/repo', 'CREDENTIALS_IN_URL'],
    ['ssh://git:secret@example.com/repo', 'CREDENTIALS_IN_URL'],
    ['https://example.com/repo?private_token=secret', 'CREDENTIALS_IN_URL'],
    ['https://example.com/repo?X-Amz-Signature=secret', 'CREDENTIALS_IN_URL'],
  ])('refuses %j', (source, code) => {
    expect(() => parseSource(source)).toThrow(expect.objectContaining({ code }));
  });

  it.each(['https://user:secret@example.com/repo', 'https://example.com/repo?api_key=secret'])(
    'does not repeat the credentials that it refuses: %s',
    (source) => {
      const parse = (): unknown => parseSource(source);
      expect(parse).toThrow(expect.objectContaining({ message: expect.not.stringContaining('secret') }));
    },
  );
});
