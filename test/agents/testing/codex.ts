import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codexEnvironment, type ScriptedModel } from '#scripted';
import { temporaryFolder } from '#testing';
import { runAgent, type AgentCommand, type AgentResult } from './agent-process.js';

/** Prints JSON lines, the first of which names the thread. */
export const CODEX_ARGS = ['--json', '--skip-git-repo-check'] as const;

/** May do whatever its user may. */
export const UNSANDBOXED = '--dangerously-bypass-approvals-and-sandbox';

/** A home and a working directory of Codex, as one machine has them. */
export class Codex {
  readonly home = temporaryFolder();
  readonly cwd = temporaryFolder();

  constructor(private readonly model: ScriptedModel) {}

  /** Another machine. */
  elsewhere(): Codex {
    return new Codex(this.model);
  }

  start(...args: string[]): AgentCommand {
    return this.command('exec', ...CODEX_ARGS, ...args, '-');
  }

  resume(threadId: string, ...args: string[]): AgentCommand {
    return this.command('exec', 'resume', ...CODEX_ARGS, ...args, threadId, '-');
  }

  command(...args: string[]): AgentCommand {
    const environment = { HOME: this.home, ...codexEnvironment(this.model.url, this.home) };
    return { program: 'codex', args, environment, cwd: this.cwd, prompt: 'Go on.' };
  }

  run(...args: string[]): Promise<AgentResult> {
    return runAgent(this.start(...args));
  }

  /** The rollouts below `sessions/`, as paths from the home. */
  rollouts(): string[] {
    return readdirSync(join(this.home, '.codex/sessions'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.jsonl'))
      .map((path) => join('.codex/sessions', path));
  }

  /** @throws Error unless there is one rollout */
  rollout(): string {
    const [path, ...others] = this.rollouts();
    if (path === undefined || others.length > 0) throw new Error(`${others.length + 1} rollouts, not one.`);
    return join(this.home, path);
  }

  /** The thread's id, as the name of its rollout has it: a killed process may not have printed it. */
  threadId(): string {
    return /([0-9a-f-]{36})\.jsonl$/.exec(this.rollout())![1]!;
  }

  /** Takes the rollout over from another machine, and nothing else. */
  takeOver(other: Codex, edit: (text: string) => string = (text) => text): void {
    const target = join(this.home, other.rollouts()[0]!);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, edit(readFileSync(other.rollout(), 'utf8')), { mode: 0o600 });
  }
}

/** The thread of a run, as its first line has it. */
export function threadOf({ lines }: AgentResult): string {
  return String(lines[0]?.['thread_id']);
}
