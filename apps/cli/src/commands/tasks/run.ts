import { Option, type Command } from 'commander';
import { v7 as uuidv7 } from 'uuid';
import { UNATTENDED_CHOICES, type Unattended } from '#contracts';
import { usageError } from '../../errors/cli-error.js';
import { openSession, serverCommand, type ServerOptions } from '../../shell/server-command.js';
import { followToItsEnd } from './follow-to-its-end.js';
import { taskCardView } from './task.view.js';

interface RunOptions extends ServerOptions {
  readonly repo: string;
  readonly base?: string;
  readonly runner: string;
  readonly unattended?: Unattended;
  readonly name?: string;
  readonly setup?: string;
  readonly pool?: string;
  readonly daemon?: string;
  readonly follow: boolean;
}

/** `patchpoint run`: a new task for an agent. */
export function runCommand(): Command {
  return serverCommand('run <plan...>', [
    "patchpoint run --repo https://github.com/you/app --follow -- 'make the tests pass'",
    "patchpoint run --repo git@github.com:you/app.git --base develop --name fix-login -- 'fix the login'",
    "patchpoint run --repo https://github.com/you/app --setup 'npm ci' -- 'make the tests pass'",
    "patchpoint run --repo new://hello --runner shell -- 'echo hello > hello.txt'",
  ])
    .description('create a task: an agent works on a plan in its own worktree, on any daemon')
    .requiredOption(
      '--repo <url>',
      'source of its code: https://, ssh, a path that the daemons allow, or new://NAME',
    )
    .option('--base <branch>', "branch to start from; default: the repository's default branch")
    .option(
      '--runner <runner>',
      'what runs the plan: claude-code, codex, opencode, gemini-cli, shell, or a runner of your own',
      'claude-code',
    )
    .addOption(
      new Option(
        '--unattended <choice>',
        'how far the agent may act while nobody watches; default: as its daemon says',
      ).choices(UNATTENDED_CHOICES),
    )
    .option('--name <name>', 'default: the first words of the plan')
    .option(
      '--setup <command>',
      "runs in the worktree before the agent; default: what the repository's .patchpoint.json says; '': nothing",
    )
    .option('--pool <pool>', 'the daemons that may take it; default: the pool named default')
    .option('--daemon <id>', 'only this daemon may take it')
    .option('--follow', 'show its output until it ends; exit code 0 if it completed', false)
    .action(run);
}

async function run(words: string[], options: RunOptions): Promise<void> {
  const { repo, base, runner, unattended, name, setup, pool, daemon, follow, ...server } = options;
  const plan = words.join(' ');
  if (plan.trim() === '') throw usageError('The plan is empty.', 'Describe the work after `--`.');
  const session = openSession(server);
  const task = await session.client.createTask({
    id: uuidv7(),
    name: name ?? nameOf(plan),
    plan,
    runner,
    repoUrl: repo,
    ...(unattended !== undefined && { unattended }),
    ...(base !== undefined && { baseBranch: base }),
    ...(setup !== undefined && { setup }),
    ...(pool !== undefined && { pool }),
    ...(daemon !== undefined && { daemonId: daemon }),
  });
  if (follow) await followToItsEnd(session, task);
  else session.output.show(task, taskCardView);
}

/** Pure: a plan's first words, as something to type later. */
export function nameOf(plan: string): string {
  const words = plan.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.slice(0, 4).join('-').slice(0, 40) || 'task';
}
