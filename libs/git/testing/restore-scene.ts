import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach } from '@jest/globals';
import { ensureMirror } from '../src/mirror/ensure-mirror.js';
import type { RestoreRequest } from '../src/restore/restore-worktree.js';
import { makeSite, write, type Site } from './repositories.js';
import { capture, type Captured } from './round-trip.js';

/** A captured worktree with a changed and a new file, and the request that restores it elsewhere. */
export interface RestoreScene {
  site: Site;
  captured: Captured;
  request: RestoreRequest & { mirrorDir: string };
}

/** Gives each test of a `describe` a scene of its own; its parts are there once the test runs. */
export function useRestoreScene(): RestoreScene {
  const scene = {} as RestoreScene;
  beforeEach(async () => {
    const site = makeSite();
    write(site.workDir, 'src/a.txt', 'changed\n');
    write(site.workDir, 'new.txt', 'new\n');
    const captured = await capture(site);
    const { mirrorDir } = await ensureMirror({
      mirrorsDir: site.mirrorsDir,
      sourceUrl: site.originUrl,
      allowFileProtocol: true,
    });
    const request = {
      mirrorDir,
      worktreeDir: join(site.dir, 'tasks', 'one'),
      shadowDir: join(site.dir, 'shadows', 'one.git'),
      branchName: 'task/one',
      baseSha: captured.baseSha,
      treeSha: captured.treeSha,
      patch: captured.patch,
      maxUncompressedBytes: 10_000_000,
    };
    Object.assign(scene, { site, captured, request });
  });
  afterEach(() => scene.site.remove());
  return scene;
}

/** A diff as it is stored. */
export function patchOf(diff: string | Buffer): RestoreRequest['patch'] {
  const data = gzipSync(diff);
  return { format: 'git-diff', data, sha256: createHash('sha256').update(data).digest('hex') };
}
