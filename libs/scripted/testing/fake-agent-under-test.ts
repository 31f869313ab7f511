import { randomUUID } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa, type ResultPromise } from 'execa';
import { temporaryFolder } from '#testing';
import { fakeAgentProgram } from '../src/fake-agent-program.js';
import type { ScriptedModel } from '../src/model/start-scripted-model.js';

/** A home and a working directory of a fake agent, and the processes that run there. */
export class FakeAgentUnderTest {
  readonly home = temporaryFolder();
  readonly cwd = temporaryFolder();

  constructor(
    private readonly model: ScriptedModel,
    readonly sessionId: string = randomUUID(),
  ) {}

  get transcript(): string {
    return this.transcriptOf(this.sessionId);
  }

  transcriptOf(sessionId: string): string {
    const slug = realpathSync(this.cwd).replaceAll(/[^A-Za-z0-9]/g, '-');
    return join(this.home, 'projects', slug, `${sessionId}.jsonl`);
  }

  lines(sessionId = this.sessionId): Record<string, unknown>[] {
    const lines = readFileSync(this.transcriptOf(sessionId), 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  start(environment: Record<string, string> = {}, ...args: string[]) {
    return this.run(['--session-id', this.sessionId, ...args], environment);
  }

  resume(environment: Record<string, string> = {}, ...args: string[]) {
    return this.run(['--resume', this.sessionId, ...args], environment);
  }

  /** What another machine has of it: the transcript alone, where the new working directory wants it. */
  movedTo(other: FakeAgentUnderTest, edit: (transcript: string) => string = (text) => text): void {
    mkdirSync(dirname(other.transcript), { recursive: true });
    cpSync(this.transcript, other.transcript);
    writeFileSync(other.transcript, edit(readFileSync(this.transcript, 'utf8')));
  }

  /** Another machine. */
  elsewhere(): FakeAgentUnderTest {
    return new FakeAgentUnderTest(this.model, this.sessionId);
  }

  settings(hooks: object): string {
    const file = join(this.home, 'settings.json');
    writeFileSync(file, JSON.stringify({ hooks }));
    return file;
  }

  private run(
    args: readonly string[],
    environment: Record<string, string>,
  ): ResultPromise<{ reject: false }> {
    const env = { FAKE_AGENT_HOME: this.home, FAKE_AGENT_MODEL_URL: this.model.url, ...environment };
    return execa('node', [fakeAgentProgram(), ...args], {
      cwd: this.cwd,
      env,
      input: 'Go on.',
      reject: false,
    });
  }
}
