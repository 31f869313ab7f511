import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { commitWip } from '../capture/commit-wip.js';
import { createWorktree } from '../mirror/create-worktree.js';
import { ensureMirror } from '../mirror/ensure-mirror.js';
import { GitError, redactCredentials } from '../run/git-error.js';
import { classifyNetworkFailure } from './network.js';
import { startHttpsOrigin, type HttpsOrigin } from '../../testing/https-origin.js';
import { git, makeSite, write, type Site } from '../../testing/repositories.js';

const credentials = { username: 'robot', password: 's3cr3t=/+ "$x' };

describe('a source over https', () => {
  let site: Site;
  let origin: HttpsOrigin;
  let trusted: string | undefined;

  beforeEach(async () => {
    site = makeSite();
    origin = await startHttpsOrigin(site.dir, site.originDir, credentials);
    trusted = process.env['GIT_SSL_CAINFO'];
    process.env['GIT_SSL_CAINFO'] = origin.certificateFile;
  });
  afterEach(async () => {
    if (trusted === undefined) delete process.env['GIT_SSL_CAINFO'];
    else process.env['GIT_SSL_CAINFO'] = trusted;
    await origin.stop();
    site.remove();
  });

  const mirror = (options: { sourceUrl?: string; credentials?: typeof credentials } = {}) =>
    ensureMirror({
      mirrorsDir: site.mirrorsDir,
      sourceUrl: origin.url,
      allowFileProtocol: false,
      ...options,
    });

  it('is cloned, fetched and pushed to with credentials that no file keeps', async () => {
    const { mirrorDir } = await mirror({ credentials });
    const worktreeDir = join(site.dir, 'task');
    await createWorktree({ mirrorDir, worktreeDir, branchName: 'task/one', startPoint: 'origin/main' });
    write(worktreeDir, 'work.txt', 'work\n');
    const identity = { name: 'Patchpoint', email: 'patchpoint@localhost' };
    const request = { worktreeDir, message: 'wip', push: true, identity, credentials };
    expect(await commitWip(request)).toMatchObject({ outcome: 'committed', pushed: true });
    expect(git(site.originDir, 'log', '-1', '--format=%s', 'task/one')).toBe('wip');
    expect(readFileSync(join(mirrorDir, 'config'), 'utf8')).not.toContain('s3cr3t');
  });

  it('answers GIT_AUTH_FAILED, without a prompt, to those who have none or wrong ones', async () => {
    const denied = { code: 'GIT_AUTH_FAILED', nextStep: expect.stringContaining('credentials') };
    await expect(mirror()).rejects.toMatchObject(denied);
    const wrong = { ...credentials, password: 'wrong-password' };
    const error = await mirror({ credentials: wrong }).catch((caught: GitError) => caught);
    expect(error).toMatchObject(denied);
    expect(JSON.stringify({ ...(error as GitError) })).not.toContain('wrong-password');
  });

  it('is not followed when it sends us elsewhere', async () => {
    const sourceUrl = origin.url.replace('/repo/', '/moved/');
    await expect(mirror({ sourceUrl, credentials })).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
    expect(origin.requests.every((request) => request.includes('/moved/'))).toBe(true);
  });

  it('is not trusted without a certificate', async () => {
    delete process.env['GIT_SSL_CAINFO'];
    await expect(mirror({ credentials })).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
    expect(origin.requests).toEqual([]);
  });

  it('keeps the WIP commit when it refuses the push', async () => {
    const { mirrorDir } = await mirror({ credentials });
    const worktreeDir = join(site.dir, 'task');
    await createWorktree({ mirrorDir, worktreeDir, branchName: 'task/one', startPoint: 'origin/main' });
    write(worktreeDir, 'work.txt', 'work\n');
    const identity = { name: 'Patchpoint', email: 'patchpoint@localhost' };
    const result = await commitWip({ worktreeDir, message: 'wip', push: true, identity });
    expect(result).toMatchObject({ outcome: 'committed', pushed: false });
    expect(git(worktreeDir, 'log', '-1', '--format=%s')).toBe('wip');
  });
});

describe('what went wrong with a source', () => {
  it.each([
    ["fatal: transport 'ext' not allowed", 'PROTOCOL_FORBIDDEN'],
    ["fatal: URL 'https://<redacted>@host/' uses plaintext credentials", 'CREDENTIALS_IN_URL'],
    ['git@github.com: Permission denied (publickey).', 'GIT_AUTH_FAILED'],
    ["fatal: could not read Username for 'https://host': terminal prompts disabled", 'GIT_AUTH_FAILED'],
    [
      'remote: Invalid username or password.\nfatal: Authentication failed for https://host/',
      'GIT_AUTH_FAILED',
    ],
    ['fatal: unable to access: The requested URL returned error: 403', 'GIT_AUTH_FAILED'],
    ['Host key verification failed.', 'GIT_AUTH_FAILED'],
    ['fatal: unable to access: Could not resolve host: nowhere.invalid', 'SOURCE_UNREACHABLE'],
    ["fatal: repository 'https://host/x/' not found", 'SOURCE_UNREACHABLE'],
    ['ssh: connect to host h port 22: Connection refused', 'SOURCE_UNREACHABLE'],
  ])('%j', (stderr, code) => {
    expect(classifyNetworkFailure(stderr).code).toBe(code);
  });
});

describe('GitError', () => {
  it('carries command, exit code, words of git and next step, without credentials', () => {
    const error = new GitError('GIT_FAILED', 'Failed at cloning https://u:p@host/x.', {
      nextStep: 'Look closer.',
      command: ['clone', 'https://u:p@host/x'],
      exitCode: 128,
      stderr: 'fatal: https://u:p@host/x broke\n',
    });
    expect(error.message).toBe(
      'Failed at cloning https://***@host/x. git said: fatal: https://***@host/x broke Look closer.',
    );
    expect(error).toMatchObject({ command: ['clone', 'https://***@host/x'], exitCode: 128 });
  });

  it('answers questions', () => {
    const make = (code: 'BASE_MISSING' | 'PATCH_INVALID'): GitError =>
      new GitError(code, 'x', { nextStep: 'y' });
    expect([make('BASE_MISSING').isBaseMissing(), make('PATCH_INVALID').isBaseMissing()]).toEqual([
      true,
      false,
    ]);
  });

  it('redacts tokens in any scheme', () => {
    expect(redactCredentials('ssh://git:x@h and HTTPS://token@h/y')).toBe('ssh://***@h and HTTPS://***@h/y');
  });
});
