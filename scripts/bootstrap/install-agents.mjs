import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { withProgress } from './progress.mjs';
import { runQuietly } from './run.mjs';
import { SetUpError } from './set-up-error.mjs';

/** The coding agents that `npm run test:agents` runs, as npm packages. Every version is named here alone. */
const AGENT_PACKAGES = {
  '@anthropic-ai/claude-code': '2.1.332',
  '@openai/codex': '0.171.0',
  'opencode-ai': '1.18.33',
  '@google/gemini-cli': '0.61.0',
};

const folder = resolve('.patchpoint', 'agents');

/**
 * Installs the agents into `.patchpoint/agents`, where they stay: 1.3 GB, which no package of ours may depend
 * on. Resolves to the folder of their programs.
 */
export async function installAgents() {
  const wanted = JSON.stringify({
    private: true,
    dependencies: AGENT_PACKAGES,
    // Puts the program of this platform into its place; newer versions of npm run no script unasked.
    allowScripts: { '@anthropic-ai/claude-code': true, 'opencode-ai': true },
  });
  const stamp = join(folder, 'installed.json');
  if (read(stamp) !== wanted) {
    await withProgress(`Installing ${namesWithVersions()} (npm install)`, async () => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'package.json'), wanted);
      const { code, output } = await runQuietly('npm', ['install', '--include=optional'], { cwd: folder });
      if (code !== 0) throw new SetUpError(`${output}\nThe agents could not be installed (code ${code}).`);
      writeFileSync(stamp, wanted);
    });
  }
  return join(folder, 'node_modules', '.bin');
}

function namesWithVersions() {
  return Object.entries(AGENT_PACKAGES)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
