import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { captureWorktree } from '../src/capture/capture-worktree.js';
import { ModeRules } from '../src/modes/mode-rules.js';
import { CHECKED_OUT } from '../src/values/modes.js';
import { createWorktree } from '../src/mirror/create-worktree.js';
import { actAsAgent, makeHooks } from '../testing/agent-deeds.js';
import { caseArbitrary, type DrawnCase } from '../testing/drawn-case.js';
import { applyEdit, type Edit } from '../testing/edits.js';
import { expectCaptured } from '../testing/expect-captured.js';
import { git, gitBytes, makeSite, type Site } from '../testing/repositories.js';
import { Rewriter } from '../testing/rewriter.js';
import { capture, mirrorElsewhere, restore, type Captured } from '../testing/round-trip.js';

/**
 * A few on every run; `PATCHPOINT_PROPERTY_RUNS=5000` for a long look, `PATCHPOINT_PROPERTY_SEED` to see a
 * failure again.
 */
const runs = Number(process.env['PATCHPOINT_PROPERTY_RUNS'] ?? 5);
const seed = process.env['PATCHPOINT_PROPERTY_SEED'];

const rewriter = new Rewriter();
afterAll(() => rewriter.end());

it(
  `whatever repository, whatever is done in it: a restore gives what was there (${runs} cases)`,
  async () => {
    await fc.assert(fc.asyncProperty(caseArbitrary, checkRoundTrip), {
      numRuns: runs,
      ...(seed === undefined ? {} : { seed: Number(seed) }),
    });
  },
  60_000 + runs * 10_000,
);

async function checkRoundTrip(drawn: DrawnCase): Promise<void> {
  const { base, edits, isOfTask, limits, rewritten } = drawn;
  const site = makeSite({ '.gitattributes': base.attributes });
  try {
    await doEdits(site, base.edits, 'base\n', () => Promise.resolve());
    const place = await beginWork(site, isOfTask);
    const hooks = makeHooks(site.dir);
    const captureNow = async (): Promise<Captured> => {
      // The agent's own git runs its hooks; a capture runs nothing.
      rmSync(hooks.traceFile, { force: true });
      const captured = await capture(place, { gitDir: place.gitDir, ...limits });
      expect(existsSync(hooks.traceFile)).toBe(false);
      return captured;
    };
    await doEdits(place, edits, 'edit\n', async (edit) => {
      if (edit.kind === 'capture') await captureNow();
      else if (isOfTask) actAsAgent(place.workDir, edit.script, hooks);
    });

    if (rewritten !== null) {
      const { path, sizeBytes } = rewritten;
      const content = Buffer.alloc(sizeBytes, 'a');
      applyEdit(place.workDir, { kind: 'write', path, content, executable: false }, '');
      await rewriter.begin(join(place.workDir, path), sizeBytes);
    }
    const captured = await captureNow().finally(() => rewritten && rewriter.stop());
    await expectRestorable(place, captured, drawn);
    // Nothing is believed to be known that was not: what holds still now is captured as it is.
    const settled = await captureNow();
    if (rewritten === null)
      expect(settled).toMatchObject({ treeSha: captured.treeSha, omissions: captured.omissions });
    await expectSameFromScratch(place, settled, limits);
  } finally {
    site.remove();
  }
}

/** Where the work is done, and the git dir that Patchpoint knows it by. */
type Place = Site & { gitDir: string };

/** What was pushed is what others see, so the work begins on a fresh checkout of it. */
async function beginWork(site: Site, isOfTask: boolean): Promise<Place> {
  git(site.workDir, 'add', '-A');
  git(site.workDir, 'commit', '-q', '--allow-empty', '-m', 'base');
  git(site.workDir, 'push', '-q', 'origin', 'main');
  if (!isOfTask) {
    git(site.workDir, 'rm', '-q', '-r', '-f', '--ignore-unmatch', '.');
    git(site.workDir, 'reset', '-q', '--hard');
    return { ...site, gitDir: join(site.workDir, '.git') };
  }
  const taskDir = join(site.dir, 'tasks', 'one');
  const { worktreeDir, gitDir } = await createWorktree({
    mirrorDir: await mirrorElsewhere(site),
    taskDir,
    worktreeDir: join(taskDir, 'tree'),
    branchName: 'task/one',
    startPoint: 'origin/main',
  });
  return { ...site, workDir: worktreeDir, gitDir };
}

async function doEdits(
  { workDir }: Site,
  edits: readonly Edit[],
  mark: string,
  other: (edit: Extract<Edit, { kind: 'capture' | 'deed' }>) => Promise<void>,
): Promise<void> {
  for (const [at, edit] of edits.entries()) {
    if (edit.kind === 'capture' || edit.kind === 'deed') await other(edit);
    else applyEdit(workDir, edit, `${at} ${mark}`);
  }
}

async function expectRestorable(place: Place, captured: Captured, drawn: DrawnCase): Promise<void> {
  const fromBundle = captured.patch === null;
  if (fromBundle && captured.bundle === null) {
    // Only what is tracked, which is never left out, can have been too much.
    expect(captured).toMatchObject({ patchAbsentReason: 'too-large' });
    expect(drawn.limits.maxPatchBytes).toBeDefined();
    return;
  }
  const restored = await restore(place, captured, { fromBundle });
  expect(restored.treeSha).toBe(captured.treeSha);
  expectCaptured(restored.worktreeDir, place, captured.omissions, drawn);
}

/** The state, as a shadow sees it that remembers nothing. */
async function expectSameFromScratch(
  { workDir, gitDir, dir }: Place,
  captured: Captured,
  limits: DrawnCase['limits'],
): Promise<void> {
  // How much fits into a patch is found out once, and remembered.
  if (limits.maxPatchBytes !== undefined && captured.omissions.length > 0) return;
  const again = await captureWorktree({
    worktreeDir: workDir,
    gitDir,
    shadowDir: join(dir, 'fresh-shadow.git'),
    anchorRef: 'refs/patchpoint/task/1',
    maxPatchBytes: Infinity,
    makePatch: true,
    ...limits,
    previous: captured,
  });
  expect(again.treeSha).toBe(captured.treeSha);
  if (again.outcome === 'unchanged') return;
  // Who looks at all files at once may find another mode the most common: the same modes, said otherwise.
  expect({ headSha: again.headSha, baseSha: again.baseSha }).toEqual({
    headSha: captured.headSha,
    baseSha: captured.baseSha,
  });
  const shadowDir = join(dir, 'fresh-shadow.git');
  expect(modesOf(shadowDir, again)).toEqual(modesOf(shadowDir, captured));
}

/** The mode that a restore gives each file of a captured tree. */
function modesOf(shadowDir: string, { treeSha, modes }: Captured): Record<string, number> {
  const rules = new ModeRules(modes ?? { ...CHECKED_OUT, exceptions: [] });
  const listed = gitBytes(shadowDir, 'ls-tree', '-r', '-z', treeSha).toString('latin1').split('\0');
  const files = listed.filter((line) => line.startsWith('100'));
  return Object.fromEntries(
    files.map((line) => {
      const path = line.slice(line.indexOf('\t') + 1);
      const kind = line.startsWith('100755') ? 'executable' : 'file';
      return [path, rules.modeOf(Buffer.from(path, 'latin1'), kind)];
    }),
  );
}
