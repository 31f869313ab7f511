import { findRunner, type Runners } from '#agents';
import { chooseSetup, readProjectFile } from '#git';
import type { AgentConfig } from '../agent.config.js';
import type { Conversations } from '../conversation/conversations.js';
import type { TaskOutputPublisher } from '../report/task-output-publisher.js';
import type { PreparedWorktree, SetupOutcome } from '../restore/prepare-worktree.js';
import { agentEnvironment } from './agent-environment.js';
import type { AgentProcess } from '../processes/agent-process.js';
import type { Attempt } from './attempt.js';
import { startWithOutput } from '../processes/start-with-output.js';

/** Of what the command printed last, how much an agent gets to read when it failed. */
const TAIL_LENGTH = 2000;

export interface SetupDependencies {
  config: AgentConfig;
  runners: Runners;
  output: Pick<TaskOutputPublisher, 'publish'>;
  conversations: Pick<Conversations, 'openHome'>;
}

/** What the attempt does with the process of its setup. */
export interface SetupSupervision {
  /** It was ordered to stop. */
  isStopped: () => boolean;
  /** Called with the process once it runs; it may be stopped at any time. */
  started: (process: AgentProcess) => Promise<void>;
}

/**
 * Runs the setup command, if there is one, in a worktree that was made or restored; in one that is reused,
 * only if it had not ended there. As the agent would run it: the same environment and folder, a process group
 * of its own, which ends with it. A failure is said and does not keep the agent from starting: it may cope,
 * and what was restored must not wait for a registry that is down.
 *
 * No regular captures are made meanwhile: the worktree holds nothing yet that its last checkpoint or the
 * source does not, and half of an installation is worth nothing.
 *
 * @returns the worktree, with what became of its setup
 * @throws Error when there is no such runner, or no shell
 */
export async function setUpWorktree(
  attempt: Attempt,
  worktree: PreparedWorktree,
  supervision: SetupSupervision,
  deps: SetupDependencies,
): Promise<PreparedWorktree> {
  if (supervision.isStopped() || attempt.record()?.needsSetup !== true) return worktree;
  const command = chooseSetup(attempt.spawn.setup, await readProjectFile(worktree.worktreeDir));
  const setup = command === null ? undefined : await runSetup(command, attempt, worktree, supervision, deps);
  if (supervision.isStopped()) return worktree;
  await attempt.remember({ needsSetup: undefined, process: undefined });
  return { ...worktree, setup };
}

async function runSetup(
  command: string,
  attempt: Attempt,
  worktree: PreparedWorktree,
  supervision: SetupSupervision,
  deps: SetupDependencies,
): Promise<SetupOutcome> {
  attempt.say(`Setup: ${command}`);
  let outputTail = '';
  const begin = performance.now();
  const process = await start(command, attempt, worktree, deps, (text) => {
    outputTail = `${outputTail}${text}`.slice(-TAIL_LENGTH);
  });
  const problem = await untilEnd(process, supervision, deps.config);
  if (problem === undefined) {
    attempt.say(`Setup finished in ${Math.round((performance.now() - begin) / 1000)} s`);
    return { command };
  }
  attempt.say(`Warning: the setup command failed: ${problem}`);
  return { command, problem, outputTail };
}

/** @returns why it failed; undefined when it worked */
async function untilEnd(
  process: AgentProcess,
  { started }: SetupSupervision,
  { setupTimeoutSeconds, taskStopSeconds }: AgentConfig,
): Promise<string | undefined> {
  let isTimedOut = false;
  const timer = setTimeout(() => {
    isTimedOut = true;
    void process.stop(taskStopSeconds);
  }, setupTimeoutSeconds * 1000);
  try {
    await started(process);
    const { exitCode, signal } = await process.ended;
    if (isTimedOut) return `it ran longer than ${setupTimeoutSeconds} s (PATCHPOINT_SETUP_TIMEOUT_SECONDS)`;
    if (signal !== null) return `it was ended by ${signal}`;
    return exitCode === 0 ? undefined : `exit code ${exitCode}`;
  } catch (error) {
    await process.stop(0);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function start(
  command: string,
  { spawn }: Attempt,
  { worktreeDir }: PreparedWorktree,
  deps: SetupDependencies,
  onText: (text: string) => void,
): Promise<AgentProcess> {
  const environment = await agentEnvironment(spawn, findRunner(deps.runners, spawn.runner), deps);
  const options = { file: 'sh', args: ['-c', command], stdin: '', cwd: worktreeDir, environment };
  return startWithOutput(spawn, options, deps.output, (_, text) => onText(text));
}
