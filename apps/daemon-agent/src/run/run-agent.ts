import { Logger } from '@nestjs/common';
import type { SpawnTask } from '#contracts';
import { findRunner, type Runner } from '#agents';
import type { Endpoint } from '../boundaries/endpoint.js';
import { hearSteps } from '../boundaries/hear-steps.js';
import type { CaptureOrder } from '../capture/capture-order.js';
import type { Conversations } from '../conversation/conversations.js';
import type { PreparedWorktree } from '../restore/prepare-worktree.js';
import { AgentConversation, type ConversationDependencies } from './agent-conversation.js';
import type { AgentProcess, ProcessEnd } from '../processes/agent-process.js';
import type { Attempt } from './attempt.js';
import { TaskTools, type ToolDependencies } from '../tools/task-tools.js';
import { recoveryBrief } from './recovery-brief.js';
import { startAgent, type StartDependencies } from './start-agent.js';

export interface RunAgentDependencies
  extends Omit<StartDependencies, 'conversations'>, ConversationDependencies, ToolDependencies {
  conversations: Conversations;
  endpoint: Pick<Endpoint, 'open'>;
}

/** What the attempt does with the program that runs for it. */
export interface Supervision {
  /** It was ordered to stop: nothing is started for it any more. */
  isStopped: () => boolean;
  /** A program has started, in that worktree. Resolves when it has ended. */
  started: (process: AgentProcess, worktree: PreparedWorktree) => Promise<ProcessEnd>;
}

/**
 * Runs the program of an attempt to its end. A resumed one goes on with its conversation; if it refuses that,
 * it is started once more, to read what was said and begin again.
 *
 * @throws Error when there is no such runner, or its program cannot be started
 */
export async function runAgent(
  attempt: Attempt,
  worktree: PreparedWorktree,
  supervision: Supervision,
  deps: RunAgentDependencies,
): Promise<ProcessEnd> {
  const runner = findRunner(deps.runners, attempt.spawn.runner);
  const conversation = await AgentConversation.open(attempt, runner, worktree, deps);
  const run = { attempt, runner, conversation, supervision, deps };
  const { problem } = conversation;
  if (problem !== undefined) return runProgram(run, await startingOver(attempt, worktree, problem));
  const end = await runProgram(run, worktree);
  const refusal = supervision.isStopped() ? undefined : await conversation.refusal(end);
  if (refusal === undefined) return end;
  await conversation.startOver();
  return runProgram(run, await startingOver(attempt, worktree, refusal));
}

/** Said in the output, in an event and, by what is returned, in the brief. */
async function startingOver(
  attempt: Attempt,
  worktree: PreparedWorktree,
  why: string,
): Promise<PreparedWorktree> {
  attempt.say(`Warning: the conversation is not continued, starting over: ${why}`);
  await attempt.report('conversation-refused', { reason: why });
  const reason = `its conversation was refused: ${why}`;
  return { ...worktree, reason, failedTries: [...worktree.failedTries, reason] };
}

interface ProgramRun {
  attempt: Attempt;
  runner: Runner;
  conversation: AgentConversation;
  supervision: Supervision;
  deps: RunAgentDependencies;
}

async function runProgram(run: ProgramRun, worktree: PreparedWorktree): Promise<ProcessEnd> {
  const { attempt, runner, conversation, supervision, deps } = run;
  await conversation.starting();
  const steps = hearSteps((order) => captureAtBoundary(attempt, order));
  const tools = new TaskTools(
    {
      spawn: attempt.spawn,
      worktreeDir: worktree.worktreeDir,
      capture: (order) => attempt.capture(order),
      capturedTreeSha: () => attempt.record()?.lastCapture?.treeSha,
      brief: () => briefOf(attempt.spawn, worktree),
    },
    deps,
  );
  const endpoint = await deps.endpoint.open(steps.hear, (name, input) => tools.call(name, input));
  let process: AgentProcess | undefined;
  try {
    process = await startAgent(
      attempt.spawn,
      runner,
      worktree,
      {
        sessionId: conversation.sessionId,
        continues: conversation.continues,
        forkedSessionId: conversation.forkedSessionId,
        readable: conversation.readable,
        onSession: async (sessionId) => {
          if (!(await conversation.named(sessionId))) await process?.stop(0);
        },
      },
      endpoint.url,
      deps,
    );
    return await supervision.started(process, worktree);
  } finally {
    steps.stop();
    endpoint.close();
  }
}

function briefOf(spawn: SpawnTask, worktree: PreparedWorktree): string {
  if (spawn.resumeSession) return recoveryBrief(spawn, worktree, undefined);
  return 'This is the first start of the task: nothing was restored.';
}

/** The loop of regular captures says when captures fail: an agent may have a hundred turns until then. */
async function captureAtBoundary(attempt: Attempt, order: CaptureOrder): Promise<void> {
  try {
    await attempt.capture(order);
  } catch (error) {
    new Logger('runAgent').warn({
      msg: `the ${order.kind} capture failed`,
      taskId: attempt.spawn.taskId,
      err: error,
    });
  }
}
