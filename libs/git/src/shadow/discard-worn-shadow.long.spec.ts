import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { commitWip } from '../capture/commit-wip.js';
import { removeWorktree } from '../mirror/remove-worktree.js';
import { git, makeSite, write, type Site } from '../../testing/repositories.js';
import { capture, expectRoundTrip } from '../../testing/round-trip.js';

const GIBIBYTE = 1024 * 1024 * 1024;

describe('a shadow', () => {
  let site: Site;
  beforeEach(() => {
    site = makeSite();
  });
  afterEach(() => site.remove());

  const stateFile = (): string => join(site.shadowDir, 'patchpoint.json');
  const hashedBytes = (): number => JSON.parse(readFileSync(stateFile(), 'utf8')).hashedBytes;
  const setHashedBytes = (count: number): void => {
    const state = JSON.parse(readFileSync(stateFile(), 'utf8'));
    writeFileSync(stateFile(), JSON.stringify({ ...state, hashedBytes: count }));
  };
  /** As if git had spread 256 times as many over all folders. */
  const addLooseObjects = (count: number): void => {
    const folder = join(site.shadowDir, 'objects', '17');
    mkdirSync(folder, { recursive: true });
    for (let at = 0; at < count; at += 1) writeFileSync(join(folder, `${at}`.padStart(38, '0')), '');
  };
  const edit = (content: string): void => write(site.workDir, 'src/a.txt', content);

  it('is kept from capture to capture, and recreated when there are thousands of objects in it', async () => {
    await capture(site);
    addLooseObjects(20);
    edit('first\n');
    await capture(site);
    expect(existsSync(site.shadowDir)).toBe(true);
    addLooseObjects(30);
    edit('second\n');
    const worn = await capture(site);
    expect(readdirSync(dirname(site.shadowDir))).not.toContainEqual(expect.stringContaining('shadow'));
    const { captured } = await expectRoundTrip(site);
    expect(captured.treeSha).toBe(worn.treeSha);
    expect(existsSync(join(site.shadowDir, 'objects', '17', '0'.repeat(38)))).toBe(false);
  });

  it('is kept for the thousands of objects that the state itself needs', async () => {
    for (let at = 0; at < 1500; at += 1) write(site.workDir, `gen/${at}`, `${at}\n`);
    await capture(site);
    addLooseObjects(27);
    edit('first\n');
    await capture(site);
    expect(existsSync(join(site.shadowDir, 'HEAD'))).toBe(true);
    addLooseObjects(60);
    edit('second\n');
    await capture(site);
    expect(existsSync(site.shadowDir)).toBe(false);
  });

  it('packs them, and goes on with the pack', async () => {
    for (let at = 0; at < 8000; at += 1) write(site.workDir, `gen/${at}`, `${at}\n`);
    await capture(site);
    const objects = git(site.shadowDir, 'count-objects', '-v');
    expect(objects).toMatch(/^packs: 1$/m);
    expect(objects).toMatch(/^count: 0$/m);
    edit('first\n');
    await capture(site);
    await expectRoundTrip(site);

    // What is packed is wear too: 8,000 in the pack and 15,000 loose are more than 8,000 files need.
    addLooseObjects(60);
    edit('second\n');
    await capture(site);
    expect(existsSync(site.shadowDir)).toBe(false);
  }, 120_000);

  it('is recreated when the files that were hashed for it come to a gibibyte', async () => {
    edit('eleven kB\n'.repeat(1100));
    await capture(site);
    expect(hashedBytes()).toBe(11_000);
    setHashedBytes(GIBIBYTE - 5);
    edit('five\n');
    await capture(site);
    expect(hashedBytes()).toBe(GIBIBYTE);
    edit('one more\n');
    await capture(site);
    expect(existsSync(site.shadowDir)).toBe(false);
    await expectRoundTrip(site);
    expect(hashedBytes()).toBeLessThan(100);
  });

  it('goes on counting when the index of its worktree is another one', async () => {
    edit('eleven kB\n'.repeat(1100));
    await capture(site);
    const identity = { name: 'Ada', email: 'ada@example.com' };
    await commitWip({ worktreeDir: site.workDir, message: 'wip', push: false, identity });
    edit('five\n');
    await capture(site);
    expect(hashedBytes()).toBe(11_005);
  });

  it('leaves nothing behind when its worktree is removed, also where removing it was cut off', async () => {
    await capture(site);
    write(`${site.shadowDir}.discarded`, 'HEAD', 'left by a kill\n');
    for (const time of ['once', 'twice']) {
      await removeWorktree({ worktreeDir: site.workDir, shadowDir: site.shadowDir });
      expect([time, readdirSync(dirname(site.shadowDir))]).toEqual([time, []]);
    }
  });
});
