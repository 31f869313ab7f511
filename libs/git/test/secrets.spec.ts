import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { commitWip } from '../src/capture/commit-wip.js';
import type { CaptureRequest } from '../src/capture/capture-request.js';
import { captureWorktree } from '../src/capture/capture-worktree.js';
import { stateOf } from '../src/capture/captured-state.js';
import type { SecretDecision, SecretPolicy } from '../src/secrets/judge-secret.js';
import { SecretReview } from '../src/secrets/secret-review.js';
import { SecretScanner } from '../src/secrets/secret-scanner.js';
import { git, makeSite, write, type Site } from '../testing/repositories.js';
import { capture, restore } from '../testing/round-trip.js';
import { TOKEN } from '../testing/secret.js';

const scanner = new SecretScanner();
afterAll(() => scanner.close());

let site: Site;
let scanned: string[];
let decisions: Map<string, SecretDecision>;
beforeEach(() => {
  site = makeSite();
  scanned = [];
  decisions = new Map();
});
afterEach(() => site.remove());

const LIMITS = { fileLimitBytes: 1000, totalLimitBytes: 100_000, timeLimitMilliseconds: 10_000 };

function settings(
  found: SecretPolicy,
  unscanned: SecretPolicy = 'include',
  limits: Partial<typeof LIMITS> = {},
) {
  const secrets: CaptureRequest['secrets'] = {
    scanner: {
      scan: (path, content, milliseconds) => {
        scanned.push(path);
        return scanner.scan(path, content, milliseconds);
      },
    },
    limits: { ...LIMITS, ...limits },
    policies: { found, unscanned },
    decisionOf: (contentId) => decisions.get(contentId),
  };
  return { secrets };
}

const idOf = (path: string): string => git(site.workDir, 'hash-object', path);

describe('secrets in a capture', () => {
  it('are included and named, by content and by name, without what was found', async () => {
    write(site.workDir, 'notes.txt', `token ${TOKEN}\n`);
    write(site.workDir, '.env', 'A=1\n');
    write(site.workDir, 'plain.txt', 'nothing\n');
    const captured = await capture(site, settings('include'));
    expect(captured).toMatchObject({ filesChanged: 3, omissions: [] });
    expect(captured.secrets).toEqual([
      { path: '.env', contentId: idOf('.env'), rules: ['file-name'], ...includedUntracked },
      { path: 'notes.txt', contentId: idOf('notes.txt'), rules: ['github'], ...includedUntracked },
    ]);
    expect(JSON.stringify(captured.secrets)).not.toContain(TOKEN);
  });

  it('are searched once for each content, and not at all while nothing changes', async () => {
    write(site.workDir, 'notes.txt', `token ${TOKEN}\n`);
    write(site.workDir, 'plain.txt', 'nothing\n');
    const first = await capture(site, settings('include'));
    expect(scanned.splice(0).sort()).toEqual(['notes.txt', 'plain.txt']);
    write(site.workDir, 'src/a.txt', 'changed\n');
    const second = await capture(site, settings('include'));
    expect(scanned.splice(0)).toEqual(['src/a.txt']);
    expect(second.secrets).toEqual(first.secrets);
    const again = await captureWorktree({
      ...requestOf(),
      ...settings('include'),
      previous: stateOf(second),
    });
    expect(again.outcome).toBe('unchanged');
    expect(scanned).toEqual([]);
  });

  it('are left out and named with the rule, and the rest is restored exactly', async () => {
    write(site.workDir, 'deep/notes.txt', `token ${TOKEN}\n`);
    write(site.workDir, 'plain.txt', 'nothing\n');
    const captured = await capture(site, settings('omit'));
    expect(captured).toMatchObject({
      filesChanged: 1,
      secrets: [],
      omissions: [{ path: 'deep/notes.txt', reason: 'secret: github' }],
    });
    expect((await restore(site, captured)).treeSha).toBe(captured.treeSha);
  });

  it('stay out of later captures without another look, until their content changes', async () => {
    write(site.workDir, 'notes.txt', `token ${TOKEN}\n`);
    const first = await capture(site, settings('omit'));
    scanned.length = 0;
    const again = await captureWorktree({ ...requestOf(), ...settings('omit'), previous: stateOf(first) });
    expect(again.outcome).toBe('unchanged');
    expect(scanned).toEqual([]);
    write(site.workDir, 'notes.txt', 'no token any more\n');
    expect(await capture(site, settings('omit'))).toMatchObject({ filesChanged: 1, omissions: [] });
  });

  it('come back into captures when a person releases their content', async () => {
    write(site.workDir, 'notes.txt', `token ${TOKEN}\n`);
    await capture(site, settings('omit'));
    decisions.set(idOf('notes.txt'), 'release');
    const captured = await capture(site, settings('omit'));
    expect(captured).toMatchObject({ filesChanged: 1, omissions: [], secrets: [{ verdict: 'include' }] });
  });

  it('are left out when a person says so, though the checkpoint would be held', async () => {
    write(site.workDir, 'notes.txt', `token ${TOKEN}\n`);
    expect(await capture(site, settings('hold'))).toMatchObject({ secrets: [{ verdict: 'hold' }] });
    decisions.set(idOf('notes.txt'), 'omit');
    expect(await capture(site, settings('hold'))).toMatchObject({
      secrets: [],
      omissions: [{ path: 'notes.txt', reason: 'secret: github' }],
    });
  });

  it('in a tracked file make the checkpoint wait where they must not go, unless the source has them', async () => {
    write(site.workDir, 'src/a.txt', `token ${TOKEN}\n`);
    const captured = await capture(site, settings('omit'));
    expect(captured).toMatchObject({
      omissions: [],
      secrets: [{ path: 'src/a.txt', rules: ['github'], isUntracked: false, verdict: 'hold' }],
    });
    git(site.workDir, 'commit', '-qam', 'with a token');
    git(site.workDir, 'push', '-q', 'origin', 'HEAD:main');
    write(site.workDir, 'src/a.txt', `token ${TOKEN}\nand more\n`);
    expect(await capture(site, settings('omit'))).toMatchObject({ filesChanged: 1, secrets: [] });
  });

  it('hold the checkpoint where they do not stay out, instead of being tried for ever', async () => {
    write(site.workDir, 'notes.txt', `token ${TOKEN}\n`);
    const { treeSha, baseSha } = await capture(site, settings('include'));
    const worktree = { worktreeDir: site.workDir, objectFormat: 'sha1' as const };
    const review = new SecretReview(settings('omit').secrets, worktree, site.shadowDir);
    const tree = {
      shadow: { gitDir: site.shadowDir },
      treeSha,
      baseSha,
      untracked: [Buffer.from('notes.txt')],
    };
    expect(await review.look(tree)).toBeNull();
    expect(await review.look(tree)).toMatchObject([{ path: 'notes.txt', verdict: 'hold' }]);
  });

  it('are never committed, whatever the policy', async () => {
    write(site.workDir, 'notes.txt', `token ${TOKEN}\n`);
    write(site.workDir, 'plain.txt', 'nothing\n');
    for (const policy of ['include', 'hold', 'omit'] as const) {
      await commitWip({
        worktreeDir: site.workDir,
        message: 'work',
        push: false,
        identity: { name: 'P', email: 'p@localhost' },
        selection: { ...requestOf(), ...settings(policy) },
      });
      expect(git(site.workDir, 'ls-files')).toBe('plain.txt\nreadme.md\nsrc/a.txt');
    }
  });
});

describe('what could not be searched', () => {
  it('is named, and is left out or held where that is the policy for it', async () => {
    write(site.workDir, 'large.txt', `${TOKEN}\n${'x'.repeat(1000)}`);
    const named = await capture(site, settings('hold', 'include'));
    expect(named.secrets).toMatchObject([{ path: 'large.txt', isUnscanned: true, verdict: 'include' }]);
    const held = await capture(site, settings('include', 'hold'));
    expect(held.secrets).toMatchObject([{ path: 'large.txt', isUnscanned: true, verdict: 'hold' }]);
    const omitted = await capture(site, settings('include', 'omit'));
    expect(omitted.omissions).toEqual([{ path: 'large.txt', reason: 'secret: not-scanned' }]);
    expect(scanned).toEqual([]);
  });

  it('is as much as the bytes and the time of one capture do not allow; the next one goes on', async () => {
    for (const name of ['a', 'b', 'c']) write(site.workDir, name, `${name} ${'x'.repeat(600)}`);
    const bytes = settings('include', 'include', { totalLimitBytes: 1300 });
    const open = async (): Promise<string[]> => (await capture(site, bytes)).secrets.map(({ path }) => path);
    expect(await open()).toEqual(['c']);
    expect(await open()).toEqual([]);
    rmSync(join(site.shadowDir), { recursive: true });
    const time = settings('include', 'include', { timeLimitMilliseconds: 0 });
    expect((await capture(site, time)).secrets).toHaveLength(3);
    expect((await capture(site, settings('include'))).secrets).toEqual([]);
  });
});

const includedUntracked = { isUnscanned: false, isUntracked: true, verdict: 'include' };

function requestOf() {
  return {
    worktreeDir: site.workDir,
    shadowDir: site.shadowDir,
    anchorRef: 'refs/patchpoint/task/1',
    maxPatchBytes: 64 * 1024 * 1024,
    makePatch: true,
  };
}
