import { join } from 'node:path';
import { v4 as uuidv4 } from 'uuid';
import { isCopied, type SpawnTask, type Unattended } from '#contracts';
import type { AgentConfig } from '../agent.config.js';
import type { Conversations } from '../conversation/conversations.js';
import type { TaskOutputPublisher } from '../report/task-output-publisher.js';
import type { PreparedWorktree } from '../restore/prepare-worktree.js';
import {
  claudeCodeSettings,
  codexHookArguments,
  HOOK_PROGRAM,
  invocation,
  invocationEnvironment,
  MCP_PROGRAM,
  mcpArguments,
  type Runner,
  type Runners,
} from '#agents';
import type { StateFolder } from '../state/state-folder.js';
import { agentEnvironment } from './agent-environment.js';
import type { AgentProcess } from '../processes/agent-process.js';
import { decideUnattended } from './decide-unattended.js';
import { writeHandover, type Handover } from './handover.js';
import { startWithOutput } from '../processes/start-with-output.js';
import { watchForSession } from './watch-for-session.js';

export interface StartDependencies {
  config: AgentConfig;
  folder: StateFolder;
  runners: Runners;
  output: Pick<TaskOutputPublisher, 'publish'>;
  conversations: Pick<Conversations, 'openHome'>;
}

/** The conversation that the program continues, or is to begin. */
export interface AgentSession {
  /** Known from an earlier start; undefined for a program that has none yet. */
  sessionId?: string;
  /** The program finds its record of it on this machine. */
  continues: boolean;
  /** That of another task, from which the program goes on in one of its own. */
  forkedSessionId?: string;
  /** What was said so far, for a program that starts over. */
  readable?: string;
  /** Called with each id that becomes known. */
  onSession: (sessionId: string) => Promise<void>;
}

/**
 * Starts the agent program of an attempt in its worktree; its output becomes the task's output.
 *
 * @throws Error when its program cannot be started
 */
export async function startAgent(
  spawn: SpawnTask,
  runner: Runner,
  worktree: PreparedWorktree,
  session: AgentSession,
  endpoint: string,
  { config, folder, output, conversations }: StartDependencies,
): Promise<AgentProcess> {
  const handover = await writeHandover(folder.handover, spawn, worktree, {
    readable: session.readable,
    hooks: runner.hooks === 'claude-code' ? claudeCodeSettings(endpoint) : undefined,
  });
  const unattended = decideUnattended(spawn, config);
  const environment = await agentEnvironment(spawn, runner, { config, conversations });
  const continues = session.continues && runner.continue !== undefined;
  const sessionId = continues ? session.sessionId : await newSession(runner, session);
  const learn = watchForSession(runner.session, (id) => void session.onSession(id));
  const context = {
    plan: spawn.plan,
    ...handover,
    resumed: spawn.resumeSession,
    continues,
    sessionId,
    forkedSessionId: session.forkedSessionId,
    isFork: isCopied(worktree.restored?.checkpoint.checkpointAttempt),
    gitDir: worktree.gitDir ?? join(worktree.worktreeDir, '.git'),
    unattended,
    hookArguments: hookArguments(runner, handover),
    mcpArguments: toolArguments(runner, unattended),
  };
  const options = {
    ...invocation(runner, context),
    cwd: worktree.worktreeDir,
    environment: {
      ...environment,
      ...invocationEnvironment(runner, context),
      PATCHPOINT_ENDPOINT: endpoint,
      ...(handover.conversationFile && { PATCHPOINT_CONVERSATION_FILE: handover.conversationFile }),
      ...(handover.recoveryBriefFile && { PATCHPOINT_RECOVERY_BRIEF: handover.recoveryBriefFile }),
    },
  };
  return startWithOutput(spawn, options, output, (stream, text) => stream === 'stdout' && learn(text));
}

function hookArguments({ hooks }: Runner, { hooksFile }: Handover): string[] {
  switch (hooks) {
    case 'claude-code':
      return ['--settings', hooksFile!];
    case 'codex':
      return codexHookArguments([process.execPath, HOOK_PROGRAM]);
    case undefined:
      return [];
  }
}

function toolArguments({ mcp }: Runner, unattended: Unattended): string[] {
  return mcp === undefined
    ? []
    : mcpArguments(mcp, [process.execPath, MCP_PROGRAM], unattended !== 'ask-nothing');
}

/** The id is durable before the program can write anything under it. */
async function newSession(runner: Runner, { onSession }: AgentSession): Promise<string | undefined> {
  if (runner.session?.id !== 'given') return undefined;
  const sessionId = uuidv4();
  await onSession(sessionId);
  return sessionId;
}
