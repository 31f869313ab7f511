import { dirname } from 'node:path';
import type { Unattended } from '#contracts';
import { fillPlaceholders } from './fill-placeholders.js';
import type { Runner } from './runner.js';

/** What a process is started with. */
export interface Invocation {
  file: string;
  args: string[];
  /** Text for standard input; empty for none. */
  stdin: string;
}

/** What an invocation is made from. */
export interface RunnerContext {
  plan: string;
  planFile: string;
  /** This attempt continues where another one ended. */
  resumed: boolean;
  /** The program continues its conversation of `sessionId`, which it finds in its home. */
  continues: boolean;
  sessionId?: string;
  /** The program goes on from this conversation, which it finds in its home, in one of its own. */
  forkedSessionId?: string;
  /** What was restored is of another task, which this one is a fork of. */
  isFork?: boolean;
  /** Of the worktree. */
  gitDir?: string;
  unattended: Unattended;
  /** What makes the program report its steps; none where it is not to. */
  hookArguments?: readonly string[];
  /** What offers the program the tools of its task; none where it is not to. */
  mcpArguments?: readonly string[] | undefined;
  /** The conversation so far, for a program that cannot continue it from its own records. */
  conversationFile?: string;
  /** What happened to the worktree, for the agent of a resumed task, or where the setup failed. */
  recoveryBriefFile?: string;
}

/** Pure: the command that starts or continues this task. */
export function invocation(runner: Runner, context: RunnerContext): Invocation {
  const prompt = promptFor(context);
  const command = commandFor(runner, context);
  const [file, ...args] = command
    .flatMap((argument) => {
      if (argument === '{permissions}') return runner.permissions?.[context.unattended] ?? [];
      if (argument === '{mcp}') return context.mcpArguments ?? [];
      return argument === '{hooks}' ? (context.hookArguments ?? []) : [argument];
    })
    .map((argument) => fill(argument, context, prompt));
  return { file: file!, args, stdin: runner.stdin === 'prompt' ? prompt : '' };
}

function commandFor(runner: Runner, { continues, forkedSessionId }: RunnerContext): string[] {
  if (forkedSessionId !== undefined) return runner.fork!;
  return continues ? runner.continue! : runner.start;
}

/** Pure: the variables that the program gets for this task. */
export function invocationEnvironment(runner: Runner, context: RunnerContext): Record<string, string> {
  const variables = { ...runner.environment, ...runner.permissionsEnvironment?.[context.unattended] };
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, fill(value, context, promptFor(context))]),
  );
}

function fill(
  text: string,
  { planFile, sessionId, forkedSessionId, gitDir }: RunnerContext,
  prompt: string,
): string {
  const handoverDir = dirname(planFile);
  return fillPlaceholders(text, { planFile, sessionId, forkedSessionId, gitDir, prompt, handoverDir });
}

function promptFor(context: RunnerContext): string {
  if (!context.resumed) {
    if (!context.recoveryBriefFile) return context.plan;
    return `${context.plan}\n\nThe setup of the worktree failed: ${context.recoveryBriefFile} says how.`;
  }
  const brief = context.recoveryBriefFile
    ? ` Read ${context.recoveryBriefFile} first: it lists what was restored and what was not.`
    : '';
  if (context.forkedSessionId !== undefined) {
    return `This is a fork of your conversation, in a worktree of its own with the files of the same moment.${brief} Paths from before may differ: work in the current directory. Check its state and go on with the task.\n\nThe task:\n\n${context.plan}`;
  }
  if (context.continues)
    return `You were interrupted.${brief} Check the state of the worktree and continue the task.`;
  const history = context.conversationFile
    ? ` The conversation so far is in ${context.conversationFile}; read it too.`
    : '';
  const whatThisIs = context.isFork
    ? 'You are going on from the state of another task, in a worktree of your own.'
    : 'You are resuming a task that was interrupted on another machine.';
  return `${whatThisIs}${brief}${history} Then check the worktree before you continue.\n\nThe task:\n\n${context.plan}`;
}
