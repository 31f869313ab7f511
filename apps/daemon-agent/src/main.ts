/**
 * The daemon on the machine of the worktrees: steps 1 and 5.
 *
 *   capture: interval → capture → spool (on disk) → publish → wait for CheckpointStored → forget
 *   run:     SpawnTask → claim → restore the worktree → run the agent → last capture → report
 *
 * What is in the spool survives a crash and is sent until Postgres has it. One process runs per attempt.
 */
import { hostname } from 'node:os';
import { connectHandlers } from '#messaging';
import { runApp } from '#runtime';
import { readAgentConfig } from './agent.config.js';
import { becomeAgentUser } from './become-agent-user.js';
import { AgentModule } from './agent.module.js';
import { daemonIdentity } from './state/daemon-identity.js';
import { openStateFolder } from './state/state-folder.js';

await runApp({
  readConfig: () => {
    const { natsCredentials } = becomeAgentUser(process.env);
    const config = readAgentConfig(process.env);
    return { ...config, nats: { ...config.nats, credentials: natsCredentials } };
  },
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
