import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Runs a test with a script in the place of git.
 *
 * @param binDir for the script; made
 * @param scriptOf what it says, given the path of the real git
 */
export async function withOtherGit(
  binDir: string,
  scriptOf: (realGit: string) => string,
  test: () => Promise<unknown>,
): Promise<void> {
  const realGit = execFileSync('which', ['git'], { encoding: 'utf8' }).trim();
  mkdirSync(binDir, { recursive: true });
  writeFileSync(join(binDir, 'git'), scriptOf(realGit), { mode: 0o755 });
  const path = process.env['PATH'];
  process.env['PATH'] = `${binDir}${delimiter}${path}`;
  try {
    await test();
  } finally {
    process.env['PATH'] = path;
  }
}
