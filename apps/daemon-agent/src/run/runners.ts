import { readFileSync } from 'node:fs';
import { NAME_TOKEN } from '#contracts';
import { ConfigurationError } from '#runtime';

/**
 * How an agent program is started and continued, as data.
 *
 * Every argument may contain placeholders: `{planFile}` (a file with the plan), `{prompt}` (a short text that
 * tells the agent what to do). The plan itself is never an argument: it may be larger than a command line
 * allows.
 */
export interface Runner {
  /** Program and arguments of a first start. */
  start: readonly string[];
  /**
   * Program and arguments that continue the program's own conversation in this worktree; absent if the
   * program cannot do that.
   */
  continue?: readonly string[];
  /** What the process reads from standard input. */
  stdin: 'prompt' | 'nothing';
}

/*
 * Claude Code reads its prompt from standard input with --print and continues the newest conversation of the
 * folder with --continue; Codex reads it with `exec -` and continues with `exec resume --last`. (Their
 * command line references, as of 2026.)
 */
const BUILT_IN: Readonly<Record<string, Runner>> = {
  'claude-code': {
    start: ['claude', '--print', '--verbose', '--output-format', 'stream-json'],
    continue: ['claude', '--continue', '--print', '--verbose', '--output-format', 'stream-json'],
    stdin: 'prompt',
  },
  codex: {
    start: ['codex', 'exec', '-'],
    continue: ['codex', 'exec', 'resume', '--last', '-'],
    stdin: 'prompt',
  },
  shell: { start: ['sh', '{planFile}'], stdin: 'nothing' },
};

/** Runners by name: the built-in ones, and those of a JSON file, which take precedence. */
export type Runners = ReadonlyMap<string, Runner>;

/** @throws ConfigurationError when the file cannot be read or an entry is not a runner */
export function loadRunners(file: string | undefined): Runners {
  const own = file === undefined ? {} : readRunnersFile(file);
  return new Map(Object.entries({ ...BUILT_IN, ...own }));
}

function readRunnersFile(file: string): Record<string, Runner> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigurationError([
      `PATCHPOINT_RUNNERS_FILE is "${file}": it cannot be read as JSON: ${(error as Error).message}.`,
    ]);
  }
  const entries = Object.entries(parsed as Record<string, unknown>);
  const problems = entries.flatMap(([name, runner]) =>
    isRunner(runner) && NAME_TOKEN.test(name)
      ? []
      : [
          `PATCHPOINT_RUNNERS_FILE "${file}": runner "${name}" must have "start" (a list of texts), "stdin" ("prompt" or "nothing") and optionally "continue" (a list of texts).`,
        ],
  );
  if (problems.length > 0) throw new ConfigurationError(problems);
  return Object.fromEntries(entries) as Record<string, Runner>;
}

function isRunner(value: unknown): value is Runner {
  if (typeof value !== 'object' || value === null) return false;
  const runner = value as Partial<Record<keyof Runner, unknown>>;
  return (
    isTexts(runner.start) &&
    (runner.continue === undefined || isTexts(runner.continue)) &&
    (runner.stdin === 'prompt' || runner.stdin === 'nothing')
  );
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');
}

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
  /** The program's own record of the conversation is on this machine, because the worktree was never lost. */
  conversationHere: boolean;
  /** The conversation so far, for a program that cannot continue it from its own records. */
  conversationFile?: string;
  /** What happened to the worktree, for a resumed agent to read. */
  recoveryBriefFile?: string;
}

/** Pure: the command that starts or continues this task. */
export function invocation(runner: Runner, context: RunnerContext): Invocation {
  const continues = context.resumed && context.conversationHere && runner.continue !== undefined;
  const command = continues ? runner.continue! : runner.start;
  const prompt = promptFor(context, continues);
  const [file, ...args] = command.map((argument) =>
    argument.replaceAll('{planFile}', context.planFile).replaceAll('{prompt}', prompt),
  );
  return { file: file!, args, stdin: runner.stdin === 'prompt' ? prompt : '' };
}

function promptFor(context: RunnerContext, continues: boolean): string {
  if (!context.resumed) return context.plan;
  const brief = context.recoveryBriefFile
    ? ` Read ${context.recoveryBriefFile} first: it lists what was restored and what was not.`
    : '';
  if (continues)
    return `You were interrupted.${brief} Check the state of the worktree and continue the task.`;
  const history = context.conversationFile
    ? ` The conversation so far is in ${context.conversationFile}; read it too.`
    : '';
  return `You are resuming a task that was interrupted on another machine.${brief}${history} Then check the worktree before you continue.\n\nThe task:\n\n${context.plan}`;
}
