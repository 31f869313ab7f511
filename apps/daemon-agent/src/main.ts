import { hostname } from 'node:os';
import { connectHandlers } from '#messaging';
import { runApp } from '#runtime';
import { readAgentConfig } from './agent.config.js';
import { AgentModule } from './agent.module.js';
import { daemonIdentity } from './state/daemon-identity.js';
import { openStateFolder } from './state/state-folder.js';

await runApp({
  readConfig: () => readAgentConfig(process.env),
  module: async (config) => {
    openStateFolder(config.stateDir);
    const daemonId = await daemonIdentity({
      stateDir: config.stateDir,
      configured: config.daemonId,
      hostname: hostname(),
    });
    return AgentModule.forRoot(config, daemonId);
  },
  configure: connectHandlers,
});
