import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';
import type { Modes } from '../src/values/modes.js';
import { makeSite, type Site } from './repositories.js';

/** A worktree in which modes are changed. */
export interface ModesScene {
  site: Site;
  /** A path in the worktree. */
  inWork: (path: string) => string;
  chmod: (path: string, mode: number) => void;
}

/** Gives each test of a `describe` a scene of its own, and the usual umask. */
export function useModesScene(): ModesScene {
  const scene = {
    inWork: (path) => join(scene.site.workDir, path),
    chmod: (path, mode) => chmodSync(scene.inWork(path), mode),
  } as ModesScene;
  beforeEach(() => {
    process.umask(0o022);
    scene.site = makeSite({
      'readme.md': 'hello\n',
      'src/a.txt': 'one\n',
      'src/b.txt': 'two\n',
      'bin/run': 'go\n',
    });
  });
  afterEach(() => {
    process.umask(0o022);
    scene.site.remove();
  });
  return scene;
}

/** All twelve bits, in octal. */
export function modeOf(...path: string[]): string {
  return (statSync(join(...path)).mode & 0o7777).toString(8);
}

/** Paths by their mode in octal. */
export function exceptionsOf(modes: Modes | null): Record<string, string[]> {
  return Object.fromEntries((modes?.exceptions ?? []).map(({ mode, paths }) => [mode.toString(8), paths]));
}
