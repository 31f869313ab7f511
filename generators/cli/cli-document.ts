import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack } from '#embedded';
import type { GeneratedDocument } from '../generated-document.js';
import { playScenario, SCENARIO_ENVIRONMENT } from './play-scenario.js';
import { renderCliDocument } from './render-cli-document.js';
import { screens } from './screens.js';

/** The command line: help of every command from the code, screens from a real run. */
export const cliDocument: GeneratedDocument = {
  path: 'docs/cli.md',
  make: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'patchpoint-docs-'));
    const stack = await startStack({
      ingestReplicas: 1,
      daemonIds: ['daemon-1'],
      isOpen: true,
      environment: { 'daemon-agent': SCENARIO_ENVIRONMENT },
    });
    try {
      return renderCliDocument(screens(await playScenario(stack, folder)));
    } finally {
      await stack.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};
