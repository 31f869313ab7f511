import { withProgress } from './progress.mjs';
import { runQuietly } from './run.mjs';

/** Installs nats-server on macOS. Resolves to what went wrong, or undefined. */
export async function installWithBrew() {
  const { code } = await runQuietly('brew', ['--version']);
  if (code !== 0) return 'With Homebrew (https://brew.sh) it would be installed automatically.';
  return withProgress('Installing nats-server (brew install)', async () => {
    const { code, output } = await runQuietly('brew', ['install', 'nats-server']);
    return code === 0 ? undefined : `brew install nats-server failed:\n${output.trim()}`;
  });
}
