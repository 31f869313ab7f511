import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll } from '@jest/globals';

/** Raw git, as a person would run it, never the code under test. */
export function git(cwd: string, ...args: string[]): string {
  return gitBytes(cwd, ...args)
    .toString('utf8')
    .trimEnd();
}

export function gitBytes(cwd: string, ...args: string[]): Buffer {
  return execFileSync('git', args, {
    cwd,
    env: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TEMPLATE_DIR: '', // no sample hooks: a dozen files less to write for each repository
      GIT_AUTHOR_NAME: 'Ada',
      GIT_AUTHOR_EMAIL: 'ada@example.com',
      GIT_COMMITTER_NAME: 'Ada',
      GIT_COMMITTER_EMAIL: 'ada@example.com',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 30,
  });
}

/** Git compares the times of files in seconds: only then does it notice another change of a mode. */
export async function aSecondLater(): Promise<void> {
  await setTimeout(1200);
}

/** A separate folder for a test, with links in its path resolved. */
export function makeTempDir(): { dir: string; remove: () => void } {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'patchpoint-git-')));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

export function write(dir: string, path: string, content: string | Buffer, mode = 0o644): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), content, { mode });
}

export interface Site {
  dir: string;
  /** A bare repository, in the role of the host that everyone can fetch from. */
  originDir: string;
  originUrl: string;
  /** A clone of it, with one commit more than its first; where an agent works. */
  workDir: string;
  shadowDir: string;
  mirrorsDir: string;
  remove: () => void;
}

/** Larger sites are rarely made twice in a file, and copying them is as slow as making them. */
const TEMPLATE_MAX_FILES = 50;

/** Sites as first made in this spec file, by their files: a copy takes a tenth of the time. */
const templates = new Map<string, string>();
afterAll(() => templates.forEach((dir) => rmSync(dir, { recursive: true, force: true })));

/** An origin with the given files on `main`, and a clone of it. */
export function makeSite(
  files: Record<string, string | Buffer> = { 'readme.md': 'hello\n', 'src/a.txt': 'one\ntwo\nthree\n' },
  initOptions: string[] = [],
): Site {
  const { dir, remove } = makeTempDir();
  if (Object.keys(files).length > TEMPLATE_MAX_FILES) buildSite(dir, files, initOptions);
  else copySite(templateOf(files, initOptions), dir);
  const workDir = join(dir, 'work');
  ageFiles(workDir);
  return {
    dir,
    originDir: join(dir, 'origin.git'),
    originUrl: `file://${join(dir, 'origin.git')}`,
    workDir,
    shadowDir: join(dir, 'state', 'shadow.git'),
    mirrorsDir: join(dir, 'state', 'mirrors'),
    remove,
  };
}

function buildSite(dir: string, files: Record<string, string | Buffer>, initOptions: string[]): void {
  const originDir = join(dir, 'origin.git');
  const seedDir = join(dir, 'seed');
  git(dir, 'init', '-q', '--bare', '-b', 'main', ...initOptions, originDir);
  git(dir, 'init', '-q', '-b', 'main', ...initOptions, seedDir);
  for (const [path, content] of Object.entries(files)) write(seedDir, path, content);
  git(seedDir, 'add', '-A', '-f');
  git(seedDir, 'commit', '-q', '--allow-empty', '-m', 'first');
  git(seedDir, 'push', '-q', originDir, 'main');
  git(dir, 'clone', '-q', `file://${originDir}`, join(dir, 'work'));
}

function templateOf(files: Record<string, string | Buffer>, initOptions: string[]): string {
  const key = JSON.stringify([files, initOptions]);
  let dir = templates.get(key);
  if (dir === undefined || !existsSync(dir)) {
    dir = makeTempDir().dir;
    buildSite(dir, files, initOptions);
    templates.set(key, dir);
  }
  return dir;
}

/** The clone's configuration is the only file that contains a path. */
function copySite(template: string, dir: string): void {
  cpSync(template, dir, { recursive: true, verbatimSymlinks: true });
  const config = join(dir, 'work', '.git', 'config');
  writeFileSync(config, readFileSync(config, 'utf8').replaceAll(template, dir));
}

/**
 * Makes a checkout look as if it had been made an hour ago. Git compares the contents of files that are as
 * new as its index, so a fresh checkout hides what an old one would show.
 */
export function ageFiles(dir: string): void {
  const anHourAgo = new Date(Date.now() - 3_600_000);
  for (const path of gitBytes(dir, 'ls-files', '-z').toString('utf8').split('\0')) {
    if (path !== '') lutimesSync(join(dir, path), anHourAgo, anHourAgo);
  }
  git(dir, 'update-index', '-q', '--refresh');
}
