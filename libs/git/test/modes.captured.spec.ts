import { linkSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { captureWorktree, stateOf, type CapturedState } from '../src/index.js';
import { asNobody } from '../testing/as-nobody.js';
import { exceptionsOf, modeOf, useModesScene } from '../testing/modes-scene.js';
import { aSecondLater, git, write } from '../testing/repositories.js';
import { capture, restore, type Captured } from '../testing/round-trip.js';

describe('captured modes', () => {
  const scene = useModesScene();
  const { inWork, chmod } = scene;
  /** As a heartbeat does it. */
  const captureAgain = (previous: CapturedState) =>
    captureWorktree({
      worktreeDir: scene.site.workDir,
      shadowDir: scene.site.shadowDir,
      anchorRef: 'refs/patchpoint/task/1',
      maxPatchBytes: 10_000_000,
      makePatch: true,
      previous,
    });

  it('are not written down where all is as a checkout makes it', async () => {
    write(scene.site.workDir, 'new/file.txt', 'new\n');
    chmod('bin/run', 0o755);
    expect((await capture(scene.site)).modes).toBeNull();
  });

  it('of folders are those of folders with untracked files too', async () => {
    write(scene.site.workDir, 'new/inner/file.txt', 'new\n');
    await capture(scene.site);
    chmod('new/inner', 0o750);
    chmod('new', 0o700);
    expect(exceptionsOf((await capture(scene.site)).modes)).toEqual({ 700: ['new'], 750: ['new/inner'] });
  });

  it('that alone have changed are a new state, and so is changing them back', async () => {
    const first = await capture(scene.site);
    const before = stateOf(first);
    expect(await captureAgain(before)).toMatchObject({ outcome: 'unchanged' });
    chmod('src/a.txt', 0o600);
    const second = await captureAgain(before);
    expect(second).toMatchObject({ outcome: 'captured', treeSha: first.treeSha });
    const closed = stateOf(second as Captured);
    expect(await captureAgain(closed)).toMatchObject({ outcome: 'unchanged' });
    chmod('src', 0o700);
    const third = (await captureAgain(closed)) as Captured;
    expect(exceptionsOf(third.modes)).toEqual({ 600: ['src/a.txt'], 700: ['src'] });
    chmod('src', 0o755);
    chmod('src/a.txt', 0o644);
    expect(await captureAgain(stateOf(third))).toMatchObject({ outcome: 'captured', modes: null });
  });

  it('that change within a second, twice, are noticed', async () => {
    write(scene.site.workDir, 'young.txt', 'young\n');
    await capture(scene.site);
    for (const mode of [0o600, 0o640, 0o400]) {
      chmod('young.txt', mode);
      expect(exceptionsOf((await capture(scene.site)).modes)).toEqual({ [mode.toString(8)]: ['young.txt'] });
    }
  });

  it('are known after a commit, of files that moved, and of none that are gone', async () => {
    chmod('src/a.txt', 0o600);
    chmod('src/b.txt', 0o640);
    chmod('readme.md', 0o400);
    await aSecondLater();
    await capture(scene.site);
    renameSync(inWork('src'), inWork('lib'));
    rmSync(inWork('readme.md'));
    git(scene.site.workDir, 'add', '-A');
    git(scene.site.workDir, 'commit', '-qm', 'move');
    expect(exceptionsOf((await capture(scene.site)).modes)).toEqual({
      600: ['lib/a.txt'],
      640: ['lib/b.txt'],
    });
    chmod('lib/b.txt', 0o400);
    git(scene.site.workDir, 'update-index', '--refresh');
    expect(exceptionsOf((await capture(scene.site)).modes)).toEqual({
      400: ['lib/b.txt'],
      600: ['lib/a.txt'],
    });
    await aSecondLater();
    await capture(scene.site);
    rmSync(inWork('lib/a.txt'));
    expect(exceptionsOf((await capture(scene.site)).modes)).toEqual({ 400: ['lib/b.txt'] });
  });

  it('of a file that nobody may read any more are noticed, though it is kept as it was', () =>
    asNobody(scene.site.dir, async () => {
      await aSecondLater();
      await capture(scene.site);
      write(scene.site.workDir, 'src/a.txt', 'written by somebody else\n');
      chmod('src/a.txt', 0o200);
      const captured = await capture(scene.site);
      expect(captured.omissions).toEqual([{ path: 'src/a.txt', reason: 'unreadable' }]);
      expect(exceptionsOf(captured.modes)).toEqual({ 200: ['src/a.txt'] });
    }));

  it('of which there are too many are narrowed, never widened, and named', async () => {
    for (let n = 0; n < 1500; n += 1) {
      write(scene.site.workDir, `many/${`${n}`.padStart(60, 'x')}`, '', n < 700 ? 0o600 : 0o644);
    }
    const captured = await capture(scene.site);
    expect(exceptionsOf(captured.modes)).toEqual({ 600: ['many/'] });
    expect(captured.omissions).toEqual([{ path: '.', reason: 'narrowed-modes: 700 paths' }]);
  });

  it('with special bits, and several names of one file, are named as not kept', async () => {
    chmod('bin/run', 0o4755);
    chmod('src', 0o1755);
    linkSync(inWork('readme.md'), inWork('copy.md'));
    linkSync(inWork('src/b.txt'), join(scene.site.dir, 'elsewhere'));
    const captured = await capture(scene.site);
    expect(captured.modes).toBeNull();
    expect(captured.omissions).toEqual([
      { path: 'bin/run', reason: 'special-mode' },
      { path: 'src', reason: 'special-mode' },
      { path: 'copy.md', reason: 'hard-link' },
      { path: 'readme.md', reason: 'hard-link' },
    ]);
    const { worktreeDir } = await restore(scene.site, captured);
    expect([modeOf(worktreeDir, 'bin/run'), modeOf(worktreeDir, 'src')]).toEqual(['755', '755']);
    rmSync(inWork('copy.md'));
    chmod('bin/run', 0o755);
    chmod('src', 0o755);
    expect((await capture(scene.site)).omissions).toEqual([]);
  });
});
