import { programEnvironment, type Runner } from '#agents';
import type { SpawnTask } from '#contracts';
import type { AgentConfig } from '../agent.config.js';
import type { Conversations } from '../conversation/conversations.js';

/** What every program of a task has in its environment: the agent, and the setup before it. */
export async function agentEnvironment(
  spawn: SpawnTask,
  runner: Runner,
  { config, conversations }: { config: AgentConfig; conversations: Pick<Conversations, 'openHome'> },
): Promise<Record<string, string>> {
  const home = await conversations.openHome(runner, spawn.taskId);
  return {
    ...programEnvironment(config.inheritance, runner, home),
    ...(config.daemonId !== undefined && { PATCHPOINT_DAEMON_ID: config.daemonId }),
    PATCHPOINT_TASK_ID: spawn.taskId,
    PATCHPOINT_ATTEMPT: String(spawn.attempt),
    PATCHPOINT_RESUMED: String(spawn.resumeSession),
  };
}
