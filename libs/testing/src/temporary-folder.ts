import { chmodSync, mkdtempSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atTheVeryEnd } from './after-everything.js';

const folders: string[] = [];

/**
 * A new, empty folder, deleted with everything in it at the end of the spec file. May be called anywhere: at
 * the top of a file, in hooks, in tests. The path has no symbolic links in it.
 */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'patchpoint-test-'));
  folders.push(folder);
  chmodSync(folder, 0o711); // started by root, Postgres runs as another user and must get in
  return folder;
}

// Each spec file loads this module again, and hooks can only be declared while it loads. Servers keep their
// data in these folders.
atTheVeryEnd(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 5 })));
});
