import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { commitWip } from '../src/capture/commit-wip.js';
import { createWorktree } from '../src/mirror/create-worktree.js';
import { ensureMirror, fetchMirror } from '../src/mirror/ensure-mirror.js';
import type { GitError } from '../src/run/git-error.js';
import { startHttpsOrigin, type HttpsOrigin } from '../testing/https-origin.js';
import { makeMarker, type Marker } from '../testing/marker.js';
import { makeSite, write, type Site } from '../testing/repositories.js';

const credentials = { username: 'robot', password: 'secret' };
const identity = { name: 'Patchpoint', email: 'patchpoint@localhost' };

/** Answers as a host would, after it has written down how it was started. */
const FAKE_SSH = String.raw`#!/bin/sh
echo "$*" >> "$0.log"
for command; do :; done
exec sh -c "$command"
`;

describe('with a hostile configuration of the user and of the mirror', () => {
  const outerEnvironment = { ...process.env };
  let site: Site;
  let origin: HttpsOrigin;
  let marker: Marker;
  let sshLog: string;
  let hostile: string;

  beforeAll(async () => {
    site = makeSite();
    origin = await startHttpsOrigin(site.dir, site.originDir, credentials);
    marker = makeMarker(site.dir);
    hostile = [
      `[core]\n\tsshCommand = ${marker.program}\n\taskPass = ${marker.program}\n`,
      `[credential]\n\thelper = "!${marker.program}"\n`,
    ].join('');
    const [home, programs] = [join(site.dir, 'home'), join(site.dir, 'programs')];
    for (const dir of [home, programs]) mkdirSync(dir);
    writeFileSync(join(home, '.gitconfig'), hostile);
    writeFileSync(join(programs, 'ssh'), FAKE_SSH, { mode: 0o755 });
    sshLog = join(programs, 'ssh.log');
    Object.assign(process.env, {
      HOME: home,
      PATH: `${programs}:${process.env['PATH']}`,
      GIT_SSL_CAINFO: origin.certificateFile,
      GIT_SSH_COMMAND: marker.program,
      GIT_ASKPASS: marker.program,
      SSH_ASKPASS: marker.program,
      GIT_TRACE: join(site.dir, 'git-trace'),
    });
  });
  afterAll(async () => {
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, outerEnvironment);
    await origin.stop();
    site.remove();
  });

  /** All that is ever asked of a source: a clone, a fetch and a push. */
  async function talkTo(sourceUrl: string, task: string): Promise<void> {
    const options = { allowFileProtocol: false, credentials };
    const { mirrorDir } = await ensureMirror({ mirrorsDir: site.mirrorsDir, sourceUrl, ...options });
    appendFileSync(join(mirrorDir, 'config'), hostile);
    await fetchMirror({ mirrorDir, ...options });
    const worktreeDir = join(site.dir, task);
    await createWorktree({ mirrorDir, worktreeDir, branchName: task, startPoint: 'origin/main' });
    write(worktreeDir, 'work.txt', 'work\n');
    const wip = await commitWip({ worktreeDir, message: 'wip', push: true, identity, ...options });
    expect(wip).toMatchObject({ outcome: 'committed', pushed: true });
  }

  it('only the ssh of the machine is started, and told never to ask', async () => {
    await talkTo(`ssh://git@host.invalid${site.originDir}`, 'over-ssh');
    const starts = readFileSync(sshLog, 'utf8').trimEnd().split('\n');
    expect(starts.map((line) => /git-\w+-pack/.exec(line)![0])).toEqual([
      'git-upload-pack',
      'git-upload-pack',
      'git-receive-pack',
    ]);
    for (const line of starts) expect(line).toContain('-o BatchMode=yes');
    expect(marker.traces()).toBe('');
  });

  it('only the credentials of the daemon are used over https', async () => {
    await talkTo(origin.url, 'over-https');
    expect(marker.traces()).toBe('');
    expect(existsSync(join(site.dir, 'git-trace'))).toBe(false);
  });

  it('without credentials nobody is asked: no helper, no askpass program, no terminal', async () => {
    const request = { mirrorsDir: join(site.dir, 'others'), sourceUrl: origin.url, allowFileProtocol: false };
    const error = await ensureMirror(request).catch((thrown: GitError) => thrown);
    expect(error).toMatchObject({
      code: 'GIT_AUTH_FAILED',
      // What git says where it would have opened the terminal.
      stderr: expect.stringContaining('terminal prompts disabled'),
    });
    expect(marker.traces()).toBe('');
  });
});
