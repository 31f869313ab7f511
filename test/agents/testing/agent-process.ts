import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect } from '@jest/globals';
import { eventually } from '#testing';

export interface AgentCommand {
  readonly program: 'claude' | 'codex' | 'opencode' | 'gemini';
  readonly args: readonly string[];
  /** All that it gets but for PATH. */
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** What it reads from standard input. */
  readonly prompt: string;
}

export interface AgentResult {
  readonly exitCode: number | undefined;
  /** The JSON lines that it printed. */
  readonly lines: readonly Record<string, unknown>[];
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A tool call that lasts as long as its agent: no agent kills what it started when it is killed. Claude Code
 * refuses `sleep 600`.
 */
export const UNTIL_KILLED = 'while kill -0 $PPID 2> /dev/null; do sleep 0.2; done';

/** Runs an agent to its end. */
export async function runAgent(command: AgentCommand): Promise<AgentResult> {
  const { exitCode, stdout, stderr } = await spawnAgent(command);
  const lines = stdout.split('\n').filter((line) => line.startsWith('{"'));
  return {
    exitCode,
    stdout,
    stderr,
    lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

/**
 * Runs an agent until `file` has this text in it, and kills it and all that it started. The program that npm
 * installs for Codex starts another one, which would outlive it.
 */
export async function killAgentWhen(command: AgentCommand, file: () => string, text: string): Promise<void> {
  const running = spawnAgent(command);
  await eventually(() => expect(readFileSync(file(), 'utf8')).toContain(text), { timeoutMs: 60_000 });
  process.kill(-running.pid!, 'SIGKILL');
  await running;
}

/** In a group of its own. */
function spawnAgent({ program, args, environment, cwd, prompt }: AgentCommand) {
  return execa(join(programFolder(), program), args, {
    env: { PATH: process.env['PATH'], ...environment },
    extendEnv: false,
    cwd,
    input: prompt,
    detached: true,
    cleanup: false,
    reject: false,
    timeout: 120_000,
    forceKillAfterDelay: 1000,
  });
}

/** @throws Error where a real agent may not run: it reports home and asks for updates wherever it can */
function programFolder(): string {
  const folder = process.env['PATCHPOINT_AGENT_PROGRAMS'];
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  if (folder === undefined || addresses.some(({ internal }) => !internal)) {
    throw new Error('Real agents run where they reach no network: use `npm run test:agents`.');
  }
  return folder;
}
