import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { computeTreeSha } from '../src/shadow/compute-tree-sha.js';
import {
  applyEdit,
  baseArbitrary,
  editsArbitrary,
  filesOnDisk,
  owedFiles,
  type Edit,
} from '../testing/edits.js';
import { git, makeSite } from '../testing/repositories.js';
import { capture, restore } from '../testing/round-trip.js';

/**
 * A few on every run; `PATCHPOINT_PROPERTY_RUNS=5000` for a long look, `PATCHPOINT_PROPERTY_SEED` to see a
 * failure again.
 */
const runs = Number(process.env['PATCHPOINT_PROPERTY_RUNS'] ?? 5);
const seed = process.env['PATCHPOINT_PROPERTY_SEED'];

it(
  `whatever repository, whatever is done in it: a restore gives what was there (${runs} cases)`,
  async () => {
    await fc.assert(fc.asyncProperty(baseArbitrary, editsArbitrary, checkRoundTrip), {
      numRuns: runs,
      ...(seed === undefined ? {} : { seed: Number(seed) }),
    });
  },
  60_000 + runs * 10_000,
);

async function checkRoundTrip(
  base: { attributes: string; edits: Edit[] },
  edits: readonly Edit[],
): Promise<void> {
  const site = makeSite({ '.gitattributes': base.attributes });
  try {
    await doEdits(base.edits, 'base\n');
    git(site.workDir, 'add', '-A');
    git(site.workDir, 'commit', '-q', '--allow-empty', '-m', 'base');
    git(site.workDir, 'push', '-q', 'origin', 'main');
    // What was pushed is what others see, so the work begins on a fresh checkout of it.
    git(site.workDir, 'rm', '-q', '-r', '-f', '--ignore-unmatch', '.');
    git(site.workDir, 'reset', '-q', '--hard');
    await doEdits(edits, 'edit\n');

    const captured = await capture(site);
    const fresh = { worktreeDir: site.workDir, shadowDir: join(site.dir, 'fresh-shadow.git') };
    expect(await computeTreeSha({ ...fresh, baseSha: captured.baseSha })).toBe(captured.treeSha);
    expect((await capture(site)).treeSha).toBe(captured.treeSha);
    const restored = await restore(site, captured);
    expect(filesOnDisk(restored.worktreeDir)).toEqual(owedFiles(site.workDir));
  } finally {
    site.remove();
  }

  async function doEdits(list: readonly Edit[], mark: string): Promise<void> {
    for (const [at, edit] of list.entries()) {
      if (edit.kind === 'capture') await capture(site);
      else applyEdit(site.workDir, edit, `${at} ${mark}`);
    }
  }
}
