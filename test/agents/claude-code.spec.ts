/**
 * What the runner `claude-code` relies on, seen with the real program. It asks a scripted model, in a network
 * namespace that has loopback alone.
 */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startScriptedModel, type ScriptedModel } from '#scripted';
import { killAgentWhen, runAgent, UNTIL_KILLED, type AgentCommand } from './testing/agent-process.js';
import { ClaudeCode } from './testing/claude-code.js';

const UNATTENDED = ['--permission-mode', 'bypassPermissions'] as const;

let model: ScriptedModel;
let claude: ClaudeCode;
let secondStep: string;

beforeEach(async () => {
  secondStep = 'echo 2 > two';
  model = await startScriptedModel({
    script: ({ tools }) => {
      expect(tools).toContain('Bash');
      return [{ run: 'echo 1 > one; echo the first output' }, { run: secondStep }, { say: 'All is done.' }];
    },
  });
  claude = new ClaudeCode(model);
});
afterEach(() => model.stop());

/**
 * Leaves a transcript of one step that is done, and of a second that was running. A call is in the transcript
 * up to 100 ms after it began (measured).
 */
async function killInSecondStep(): Promise<void> {
  secondStep = UNTIL_KILLED;
  await killAgentWhen(claude.start(...UNATTENDED), () => claude.transcript, 'call_step-2');
  secondStep = 'echo 2 > two';
}

/** The requests that a run makes. */
async function requestsOf(command: AgentCommand) {
  const before = model.requests().length;
  const result = await runAgent(command);
  return {
    ...result,
    requests: model
      .requests()
      .slice(before)
      .filter(({ isAside }) => !isAside),
  };
}

describe('Claude Code that starts', () => {
  it('works unattended under the id that it is given, and ends with exit code 0', async () => {
    const { exitCode, lines } = await runAgent(claude.start(...UNATTENDED));
    expect(exitCode).toBe(0);
    expect(readdirSync(claude.cwd).sort()).toEqual(['one', 'two']);
    expect(lines[0]).toMatchObject({ type: 'system', subtype: 'init', session_id: claude.sessionId });
    expect(lines.at(-1)).toMatchObject({ type: 'result', is_error: false, session_id: claude.sessionId });
    expect(model.requests().every(({ sessionId }) => sessionId === claude.sessionId)).toBe(true);
  });

  it('refuses to work unattended as root, unless it is told that it is in a sandbox', async () => {
    const command = claude.start(...UNATTENDED);
    const { exitCode } = await runAgent({
      ...command,
      environment: { ...command.environment, IS_SANDBOX: '' },
    });
    expect(exitCode).toBe(process.getuid!() === 0 ? 1 : 0);
  });

  it('only ever appends to its transcript', async () => {
    await runAgent(claude.start(...UNATTENDED));
    const before = readFileSync(claude.transcript);
    expect((await runAgent(claude.resume(...UNATTENDED))).exitCode).toBe(0);
    const after = readFileSync(claude.transcript);
    expect(after.length).toBeGreaterThan(before.length);
    expect(after.subarray(0, before.length).equals(before)).toBe(true);
  });

  it('refuses an id that is in use', async () => {
    await runAgent(claude.start(...UNATTENDED));
    const { exitCode, stderr } = await runAgent(claude.start(...UNATTENDED));
    expect(exitCode).toBe(1);
    expect(stderr).toContain('already in use');
  });
});

describe('Claude Code that was killed in a tool call and resumes on another machine', () => {
  it('sends the whole conversation first, and goes on in the new working directory', async () => {
    await killInSecondStep();
    const other = claude.elsewhere();
    other.takeOver(claude);
    const { exitCode, lines, requests } = await requestsOf(other.resume(...UNATTENDED));
    expect(exitCode).toBe(0);
    expect(lines[0]).toMatchObject({ subtype: 'init', session_id: claude.sessionId });
    expect(requests[0]).toMatchObject({ finishedSteps: ['step-1'], sessionId: claude.sessionId });
    expect(requests[0]!.text).toContain('the first output');
    expect(requests[0]!.text).toContain('[Tool call interrupted');
    expect(readdirSync(other.cwd)).toEqual(['two']);
  });

  it('accepts a transcript that was cut in the middle of a line', async () => {
    await runAgent(claude.start(...UNATTENDED));
    const other = claude.elsewhere();
    other.takeOver(claude, (text) => text.slice(0, text.indexOf('All is done.') + 4));
    const { exitCode, requests } = await requestsOf(other.resume(...UNATTENDED));
    expect(exitCode).toBe(0);
    expect(requests[0]).toMatchObject({ finishedSteps: ['step-1', 'step-2'] });
  });

  it.each([
    ['is empty', () => ''],
    ['is less than a line', (text: string) => text.slice(0, 100)],
  ])('refuses a transcript that %s, and asks nothing', async (_, edit) => {
    await killInSecondStep();
    const other = claude.elsewhere();
    other.takeOver(claude, edit);
    const { exitCode, stderr, requests } = await requestsOf(other.resume(...UNATTENDED));
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`No conversation found with session ID: ${claude.sessionId}`);
    expect(requests).toEqual([]);
  });

  it.each([
    ['an unknown id', randomUUID(), 'No conversation found'],
    ['an id that is no UUID', 'mine', 'is not a UUID'],
  ])('refuses %s, and asks nothing', async (_, id, reason) => {
    const { exitCode, stderr, requests } = await requestsOf(claude.command('--resume', id, ...UNATTENDED));
    expect(exitCode).toBe(1);
    expect(stderr).toContain(reason);
    expect(requests).toEqual([]);
  });

  it('forks: goes on under another id, and leaves the transcript as it was', async () => {
    await killInSecondStep();
    const other = claude.elsewhere();
    other.takeOver(claude);
    const forkId = randomUUID();
    const fork = other.resume('--fork-session', '--session-id', forkId, ...UNATTENDED);
    const { exitCode, requests } = await requestsOf(fork);
    expect(exitCode).toBe(0);
    expect(requests[0]).toMatchObject({ finishedSteps: ['step-1'], sessionId: forkId });
    expect(readFileSync(other.transcript)).toEqual(readFileSync(claude.transcript));
    expect(readFileSync(other.transcriptOf(forkId), 'utf8')).toContain('the first output');
  });
});

describe('without a way to ask, Claude Code', () => {
  /** The steps whose tool calls were refused. */
  async function refusedSteps(...args: string[]): Promise<string[]> {
    await model.stop();
    const { cwd } = claude;
    const outside = join(claude.home, 'outside.txt');
    model = await startScriptedModel({
      script: [
        { name: 'write', tool: 'Write', input: { file_path: join(cwd, 'in.txt'), content: 'in' } },
        { name: 'write-outside', tool: 'Write', input: { file_path: outside, content: 'out' } },
        { name: 'command', run: 'node -e 0' },
        { name: 'command-outside', run: `echo 1 > ${join(claude.home, 'command.txt')}` },
        { say: 'Done.' },
      ],
    });
    const other = new ClaudeCode(model, claude.sessionId);
    const { lines } = await runAgent({ ...other.start(...args), cwd });
    const results = lines
      .filter(({ type }) => type === 'user')
      .flatMap(
        ({ message }) => (message as { content: { tool_use_id: string; is_error?: boolean }[] }).content,
      );
    expect(results).toHaveLength(4);
    return results
      .filter(({ is_error }) => is_error)
      .map(({ tool_use_id }) => tool_use_id.replace(/^call_(.+)_\w+$/, '$1'));
  }

  it.each([
    ['--permission-mode default', ['write', 'write-outside', 'command', 'command-outside']],
    ['--permission-mode acceptEdits', ['write-outside', 'command', 'command-outside']],
    ['--permission-mode acceptEdits --allowedTools Bash', ['write-outside']],
    ['--permission-mode bypassPermissions', []],
  ])('refuses with %s: %j', async (args, refused) => {
    expect(await refusedSteps(...args.split(' '))).toEqual(refused);
  });
});
