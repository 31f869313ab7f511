import { statSync } from 'node:fs';
import { withProgress } from './progress.mjs';
import { runQuietly } from './run.mjs';
import { SetUpError } from './set-up-error.mjs';

/** Runs `npm ci` when node_modules is missing, or older than the lock file. */
export async function installDependencies() {
  // npm writes this file last, so an interrupted installation is noticed as well.
  const installed = modifiedAt('node_modules/.package-lock.json');
  if (installed >= modifiedAt('package-lock.json')) return;
  await withProgress('Installing dependencies (npm ci)', async () => {
    // NODE_ENV=production or a user's npmrc must not leave out what the build and the embedded stack need.
    const { code, output } = await runQuietly('npm', ['ci', '--include=dev', '--include=optional']);
    if (code !== 0) {
      throw new SetUpError(
        `${output}\nnpm ci failed (code ${code}). Look at its message above, then try again.`,
      );
    }
  });
}

function modifiedAt(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
