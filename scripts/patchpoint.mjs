#!/usr/bin/env node
/**
 * `npx patchpoint` in a checkout: what the command needs and is missing is set up first, then it runs. An
 * image that holds `dist` alone runs `dist/apps/cli/src/main.js` itself.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const main = new URL('../dist/apps/cli/src/main.js', import.meta.url);

process.exitCode = await setUp();
if (process.exitCode === 0) await import(main.href);

/** Resolves to the exit code: not 0 when the command cannot run. */
async function setUp() {
  const startsStack = ['up', 'demo'].includes(process.argv[2] ?? '');
  // A build under a running `patchpoint up` would pull its files away: only what starts one looks whether it
  // is stale.
  if (existsSync(main) && !startsStack) return 0;
  const folder = process.cwd();
  process.chdir(root);
  const { SetUpError } = await import('./bootstrap/set-up-error.mjs');
  try {
    const { checkNodeVersion } = await import('./bootstrap/check-node-version.mjs');
    const { installDependencies } = await import('./bootstrap/install-dependencies.mjs');
    const { buildWhenStale } = await import('./bootstrap/build-when-stale.mjs');
    checkNodeVersion();
    await installDependencies();
    if (startsStack) {
      const { provideNatsServer } = await import('./bootstrap/provide-nats-server.mjs');
      process.env.NATS_SERVER_BIN = await provideNatsServer();
    }
    await buildWhenStale();
    return 0;
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    console.error(error.message);
    return 1;
  } finally {
    process.chdir(folder);
  }
}
