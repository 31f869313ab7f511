import { describe, expect, it } from '@jest/globals';
import { programEnvironment } from '../conversation/task-home.js';
import { BUILT_IN_RUNNERS } from './built-in-runners.js';
import { inheritedVariables, readVariablePatterns } from './inherited-variables.js';

/** What a daemon's environment may hold that is nobody else's. */
const SECRETS = {
  PATCHPOINT_API_TOKEN: 's3cret',
  PATCHPOINT_NATS_CREDENTIALS_FILE: '/s3cret.nk',
  NATS_URL: 'nats://daemon:s3cret@host',
  DATABASE_URL: 'postgresql://me:s3cret@host/db',
  NODE_OPTIONS: '--require /of/the/daemon.js',
  NODE_CHANNEL_FD: '3',
  AWS_SECRET_ACCESS_KEY: 's3cret',
  GOOGLE_APPLICATION_CREDENTIALS: '/s3cret.json',
  GITHUB_TOKEN: 's3cret',
  SSH_AUTH_SOCK: '/run/agent',
  MY_PASSWORD: 's3cret',
};
const USUAL = {
  PATH: '/bin',
  HOME: '/home/me',
  LANG: 'C.UTF-8',
  LC_ALL: 'C',
  TERM: 'xterm',
  TZ: 'UTC',
  https_proxy: 'http://proxy',
  SSL_CERT_FILE: '/ca.pem',
};
const LOGINS = {
  ANTHROPIC_API_KEY: 'a',
  CLAUDE_CODE_OAUTH_TOKEN: 'c',
  OPENAI_API_KEY: 'o',
  CODEX_HOME: '/codex',
};

describe('what a program of a task gets of its daemon', () => {
  it.each(Object.entries(BUILT_IN_RUNNERS))('is nothing that is secret: %s', (_, runner) => {
    const variables = { ...USUAL, ...SECRETS };
    expect(programEnvironment({ variables, named: [] }, runner, undefined)).toEqual({
      ...USUAL,
      ...runner.environment,
    });
  });

  it.each([
    ['claude-code', ['ANTHROPIC_API_KEY', 'CLAUDE_CODE_OAUTH_TOKEN']],
    ['codex', ['CODEX_HOME', 'OPENAI_API_KEY']],
    ['opencode', ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY']],
    ['shell', []],
  ])('is the login of its own program: %s', (name, own) => {
    const environment = programEnvironment(
      { variables: LOGINS, named: [] },
      BUILT_IN_RUNNERS[name]!,
      undefined,
    );
    expect(Object.keys(environment).toSorted()).toEqual(own);
  });

  it('is what an operator names, in full or by its beginning', () => {
    const named = readVariablePatterns('GITHUB_TOKEN, AWS_*,');
    const inherited = inheritedVariables({ variables: SECRETS, named });
    expect(inherited).toEqual({ GITHUB_TOKEN: 's3cret', AWS_SECRET_ACCESS_KEY: 's3cret' });
  });

  it('is never what the daemon itself uses, whatever is named', () => {
    const own = Object.keys(SECRETS).slice(0, 3);
    expect(Object.keys(inheritedVariables({ variables: SECRETS, named: [...own, '*'] }))).toEqual([
      'AWS_SECRET_ACCESS_KEY',
      'GOOGLE_APPLICATION_CREDENTIALS',
      'GITHUB_TOKEN',
      'SSH_AUTH_SOCK',
      'MY_PASSWORD',
    ]);
    const inFull = ['DATABASE_URL', 'NODE_OPTIONS'];
    expect(Object.keys(inheritedVariables({ variables: SECRETS, named: inFull }))).toEqual(inFull);
  });
});
