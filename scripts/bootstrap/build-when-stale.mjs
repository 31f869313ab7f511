import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withProgress } from './progress.mjs';
import { runQuietly } from './run.mjs';
import { SetUpError } from './set-up-error.mjs';

const sources = ['apps', 'bench', 'examples', 'generators', 'libs', 'migrations', 'test/faults/random'];
const settings = ['.swcrc', 'nest-cli.json', 'package.json', 'package-lock.json', 'tsconfig.json'];
const stamp = 'dist/.built-from';

/**
 * Builds when `dist` was not made from exactly these sources. Compares contents, not times, so that switching
 * branches back and forth is noticed (reading all sources takes some 10 ms).
 */
export async function buildWhenStale() {
  const digest = digestOfSources();
  if (readStamp() === digest) return;
  await withProgress('Building', async () => {
    rmSync('dist', { recursive: true, force: true }); // what was deleted from the sources must not run
    const { code, output } = await runQuietly('npm', ['run', 'build']);
    if (code !== 0)
      throw new SetUpError(`${output}\nThe build failed (code ${code}). Correct the errors above.`);
    writeFileSync(stamp, digest);
  });
}

function digestOfSources() {
  const hash = createHash('sha256').update(process.version);
  for (const file of [...settings, ...sources.flatMap(filesBelow)]) {
    hash.update(`\0${file}\0`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function readStamp() {
  try {
    return readFileSync(stamp, 'utf8');
  } catch {
    return undefined;
  }
}
