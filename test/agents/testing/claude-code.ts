import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { claudeCodeEnvironment, type ScriptedModel } from '#scripted';
import { temporaryFolder } from '#testing';
import type { AgentCommand } from './agent-process.js';

/** Prints JSON lines, the first of which names the session, and takes the prompt from standard input. */
export const CLAUDE_CODE_ARGS = ['--print', '--output-format', 'stream-json', '--verbose'] as const;

/** A home and a working directory of Claude Code, as one machine has them. */
export class ClaudeCode {
  readonly home = temporaryFolder();
  readonly cwd = temporaryFolder();

  constructor(
    private readonly model: ScriptedModel,
    readonly sessionId: string = randomUUID(),
  ) {}

  /** Another machine. */
  elsewhere(): ClaudeCode {
    return new ClaudeCode(this.model, this.sessionId);
  }

  get transcript(): string {
    return this.transcriptOf(this.sessionId);
  }

  transcriptOf(sessionId: string): string {
    const slug = this.cwd.replaceAll(/[^A-Za-z0-9]/g, '-');
    return join(this.home, '.claude', 'projects', slug, `${sessionId}.jsonl`);
  }

  start(...args: string[]): AgentCommand {
    return this.command('--session-id', this.sessionId, ...args);
  }

  resume(...args: string[]): AgentCommand {
    return this.command('--resume', this.sessionId, ...args);
  }

  command(...args: string[]): AgentCommand {
    return {
      program: 'claude',
      args: [...CLAUDE_CODE_ARGS, ...args],
      environment: { HOME: this.home, ...claudeCodeEnvironment(this.model.url, this.home) },
      cwd: this.cwd,
      prompt: 'Go on.',
    };
  }

  /** Takes the transcript over from another machine, and nothing else. */
  takeOver(other: ClaudeCode, edit: (text: string) => string = (text) => text): void {
    mkdirSync(dirname(this.transcript), { recursive: true });
    writeFileSync(this.transcript, edit(readFileSync(other.transcript, 'utf8')), { mode: 0o600 });
  }

  /** The path of a settings file with this in it. */
  settings(settings: object): string {
    const file = join(this.home, 'settings-of-the-test.json');
    writeFileSync(file, JSON.stringify(settings));
    return file;
  }
}
