import type { SpawnTask } from '#contracts';
import type { AgentConfig } from '../agent.config.js';
import { LineBatcher } from '../report/line-batcher.js';
import type { TaskOutputPublisher } from '../report/task-output-publisher.js';
import type { StateFolder } from '../state/state-folder.js';
import { startAgentProcess, type AgentProcess } from './agent-process.js';
import { writeHandover } from './handover.js';
import type { PreparedWorktree } from '../restore/prepare-worktree.js';
import { invocation, type Runners } from './runners.js';

export interface StartDependencies {
  config: AgentConfig;
  folder: StateFolder;
  runners: Runners;
  output: TaskOutputPublisher;
}

/**
 * Starts the agent program of an attempt in its worktree; its output becomes the task's output.
 *
 * @throws Error when there is no such runner, or its program cannot be started
 */
export async function startAgent(
  spawn: SpawnTask,
  worktree: PreparedWorktree,
  { config, folder, runners, output }: StartDependencies,
): Promise<AgentProcess> {
  const runner = runners.get(spawn.runner);
  if (runner === undefined) {
    throw new Error(
      `This daemon has no runner "${spawn.runner}"; it has ${[...runners.keys()].join(', ')}. Choose one of these, or add it with PATCHPOINT_RUNNERS_FILE.`,
    );
  }
  const handover = await writeHandover(folder.handover, spawn, worktree);
  const batchers = {
    stdout: new LineBatcher((text) => output.publish(spawn, 'stdout', text)),
    stderr: new LineBatcher((text) => output.publish(spawn, 'stderr', text)),
  };
  const process = await startAgentProcess({
    ...invocation(runner, {
      plan: spawn.plan,
      ...handover,
      resumed: spawn.resumeSession,
      conversationHere: worktree.origin === 'reused',
    }),
    cwd: worktree.worktreeDir,
    environment: {
      ...config.taskEnvironment,
      PATCHPOINT_TASK_ID: spawn.taskId,
      PATCHPOINT_ATTEMPT: String(spawn.attempt),
      PATCHPOINT_RESUMED: String(spawn.resumeSession),
      ...(handover.conversationFile && { PATCHPOINT_CONVERSATION_FILE: handover.conversationFile }),
      ...(handover.recoveryBriefFile && { PATCHPOINT_RECOVERY_BRIEF: handover.recoveryBriefFile }),
    },
    onOutput: (stream, chunk) => batchers[stream].push(chunk),
  });
  void process.ended.then(() => Object.values(batchers).forEach((batcher) => batcher.end()));
  return process;
}
