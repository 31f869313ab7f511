import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runGit } from '../src/run/run-git.js';
import { makeMarker } from '../testing/marker.js';
import { git, makeSite, write, type Site } from '../testing/repositories.js';
import { expectRoundTrip } from '../testing/round-trip.js';

describe('what git is told by the environment', () => {
  const outerEnvironment = { ...process.env };
  let site: Site;
  beforeEach(() => {
    site = makeSite();
  });
  afterEach(() => {
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, outerEnvironment);
    site.remove();
  });

  it('does not come from that of the daemon: no repository, no settings, no program', async () => {
    const { program, traces } = makeMarker(site.dir);
    write(site.workDir, 'src/a.txt', 'changed\n');
    Object.assign(process.env, {
      GIT_DIR: '/nonexistent',
      GIT_INDEX_FILE: join(site.dir, 'another-index'),
      GIT_OBJECT_DIRECTORY: '/nonexistent',
      GIT_DEFAULT_HASH: 'sha256',
      GIT_DIFF_OPTS: '-u0',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'core.worktree',
      GIT_CONFIG_VALUE_0: '/nonexistent',
      GIT_TRACE: join(site.dir, 'git-trace'),
      GIT_EXTERNAL_DIFF: program,
      GIT_SSH_COMMAND: program,
      GIT_ASKPASS: program,
      GIT_EDITOR: program,
      GIT_PAGER: program,
    });
    await expectRoundTrip(site);
    expect(traces()).toBe('');
    expect(existsSync(join(site.dir, 'git-trace'))).toBe(false);
  });

  it.each(['GIT_CONFIG_SYSTEM', 'HOME'])(
    'keeps the settings of the machine and its user out (%s)',
    async (name) => {
      const file = join(site.dir, '.gitconfig');
      writeFileSync(file, '[planted]\n\there = yes\n');
      const result = await runGit({
        purpose: 'reading a setting of others',
        args: ['config', '--get', 'planted.here'],
        variables: { [name]: name === 'HOME' ? site.dir : file },
        expectedExitCodes: [0, 1],
      });
      expect(result.stdout.toString()).toBe('');
    },
  );

  it('forbids every transport to a command that is meant to be local', async () => {
    const call = { purpose: 'asking a source', args: ['ls-remote', site.originUrl] };
    const refused = { stderr: expect.stringContaining("transport 'file' not allowed") };
    await expect(runGit(call)).rejects.toMatchObject(refused);
  });

  it('leaves out attributes of the machine, which cannot be planted here, and forbids to fetch what is missing', async () => {
    const { stdout } = await runGit({ purpose: 'reading it', args: ['-c', 'alias.told=!env', 'told'] });
    const told = stdout.toString().split('\n');
    expect(told).toEqual(expect.arrayContaining(['GIT_ATTR_NOSYSTEM=1', 'GIT_NO_LAZY_FETCH=1']));
  });

  it('keeps a look at a worktree from renewing its index', async () => {
    write(site.workDir, 'src/a.txt', readFileSync(join(site.workDir, 'src/a.txt')));
    const indexFile = join(site.workDir, '.git/index');
    const before = readFileSync(indexFile);
    await runGit({ purpose: 'looking', cwd: site.workDir, args: ['status'] });
    expect(readFileSync(indexFile).equals(before)).toBe(true);
    git(site.workDir, 'status');
    expect(readFileSync(indexFile).equals(before)).toBe(false);
  });
});
