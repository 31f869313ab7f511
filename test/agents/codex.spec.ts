/**
 * What the runner `codex` relies on, seen with the real program. It asks a scripted model, in a network
 * namespace that has loopback alone.
 */
import { randomUUID } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startScriptedModel, type ScriptedModel } from '#scripted';
import { killAgentWhen, runAgent, UNTIL_KILLED, type AgentCommand } from './testing/agent-process.js';
import { Codex, threadOf, UNSANDBOXED } from './testing/codex.js';

let model: ScriptedModel;
let codex: Codex;
let secondStep: string;

beforeEach(async () => {
  secondStep = 'echo 2 > two';
  model = await startScriptedModel({
    script: () => [
      { run: 'echo 1 > one; echo the first output' },
      { run: secondStep },
      { say: 'All is done.' },
    ],
  });
  codex = new Codex(model);
});
afterEach(() => model.stop());

/** Leaves a rollout of one step that is done and a second that was running; resolves to the thread's id. */
async function killInSecondStep(): Promise<string> {
  secondStep = UNTIL_KILLED;
  await killAgentWhen(codex.start(UNSANDBOXED), () => codex.rollout(), 'call_step-2');
  secondStep = 'echo 2 > two';
  return codex.threadId();
}

/** The requests that a run makes. */
async function requestsOf(command: AgentCommand) {
  const before = model.requests().length;
  const result = await runAgent(command);
  return { ...result, requests: model.requests().slice(before) };
}

describe('Codex that starts', () => {
  it('works unattended, names its thread first, and ends with exit code 0', async () => {
    const result = await runAgent(codex.start(UNSANDBOXED));
    expect(result.exitCode).toBe(0);
    expect(readdirSync(codex.cwd).sort()).toEqual(['one', 'two']);
    expect(result.lines[0]).toEqual({ type: 'thread.started', thread_id: codex.threadId() });
    expect(result.lines.at(-1)).toMatchObject({ type: 'turn.completed' });
    expect(model.requests().every(({ sessionId }) => sessionId === threadOf(result))).toBe(true);
  });

  it('only ever appends to its rollout', async () => {
    const threadId = threadOf(await runAgent(codex.start(UNSANDBOXED)));
    const before = readFileSync(codex.rollout());
    expect((await runAgent(codex.resume(threadId, UNSANDBOXED))).exitCode).toBe(0);
    const after = readFileSync(codex.rollout());
    expect(after.length).toBeGreaterThan(before.length);
    expect(after.subarray(0, before.length).equals(before)).toBe(true);
  });
});

describe('Codex that was killed in a tool call and resumes on another machine', () => {
  it('sends the whole conversation first, and goes on in the new working directory', async () => {
    const threadId = await killInSecondStep();
    const other = codex.elsewhere();
    other.takeOver(codex);
    const { exitCode, lines, requests } = await requestsOf(other.resume(threadId, UNSANDBOXED));
    expect(exitCode).toBe(0);
    expect(lines[0]).toMatchObject({ thread_id: threadId });
    expect(requests[0]).toMatchObject({ finishedSteps: ['step-1'], sessionId: threadId });
    expect(requests[0]!.text).toContain('the first output');
    expect(requests[0]!.entries.findLast(({ kind }) => kind === 'result')).toMatchObject({
      text: 'aborted',
    });
    expect(readdirSync(other.cwd)).toEqual(['two']);
  });

  it('accepts a rollout that was cut in the middle of a line', async () => {
    const threadId = threadOf(await runAgent(codex.start(UNSANDBOXED)));
    const other = codex.elsewhere();
    other.takeOver(codex, (text) => text.slice(0, text.indexOf('All is done.') + 4));
    const { exitCode, requests } = await requestsOf(other.resume(threadId, UNSANDBOXED));
    expect(exitCode).toBe(0);
    expect(requests[0]).toMatchObject({ finishedSteps: ['step-1', 'step-2'], sessionId: threadId });
  });

  it('begins again, and says nothing of it, with the first line alone', async () => {
    const threadId = await killInSecondStep();
    const other = codex.elsewhere();
    other.takeOver(codex, (text) => text.slice(0, text.indexOf('\n') + 1));
    const { exitCode, requests } = await requestsOf(other.resume(threadId, UNSANDBOXED));
    expect(exitCode).toBe(0);
    expect(requests[0]).toMatchObject({ finishedSteps: [], sessionId: threadId });
  });

  it.each([
    ['is empty', () => ''],
    ['is less than a line', (text: string) => text.slice(0, 300)],
  ])('refuses a rollout that %s, and asks nothing', async (_, edit) => {
    const threadId = await killInSecondStep();
    const other = codex.elsewhere();
    other.takeOver(codex, edit);
    const { exitCode, stderr, requests } = await requestsOf(other.resume(threadId, UNSANDBOXED));
    expect(exitCode).toBe(1);
    expect(stderr).toContain('thread/resume failed');
    expect(requests).toEqual([]);
  });

  it('refuses an unknown id, and asks nothing', async () => {
    const { exitCode, stderr, requests } = await requestsOf(codex.resume(randomUUID(), UNSANDBOXED));
    expect(exitCode).toBe(1);
    expect(stderr).toContain('no rollout found for thread id');
    expect(requests).toEqual([]);
  });

  it('begins another thread, and says nothing of it, for an id that is no UUID', async () => {
    const result = await requestsOf(codex.resume('mine', UNSANDBOXED));
    expect(result.exitCode).toBe(0);
    expect(threadOf(result)).toBe(codex.threadId());
    expect(result.requests[0]).toMatchObject({ finishedSteps: [] });
  });

  it('forks: goes on under another id, and leaves the rollout as it was', async () => {
    const threadId = await killInSecondStep();
    const other = codex.elsewhere();
    other.takeOver(codex);
    const fork = other.command('exec', 'fork', '--json', '--skip-git-repo-check', UNSANDBOXED, threadId, '-');
    const result = await requestsOf(fork);
    expect(result.exitCode).toBe(0);
    expect(threadOf(result)).not.toBe(threadId);
    expect(result.requests[0]).toMatchObject({ finishedSteps: ['step-1'], sessionId: threadOf(result) });
    const original = other.rollouts().find((path) => path.includes(threadId))!;
    expect(readFileSync(join(other.home, original))).toEqual(readFileSync(codex.rollout()));
  });
});

describe('the sandbox of Codex', () => {
  /** The temporary folders that it leaves open otherwise are where this test has its files. */
  const WORKTREE_ALONE = [
    ['sandbox_mode="workspace-write"', 'approval_policy="never"'],
    ['sandbox_workspace_write.exclude_slash_tmp=true', 'sandbox_workspace_write.exclude_tmpdir_env_var=true'],
  ].flatMap((settings) => settings.flatMap((setting) => ['-c', setting]));

  /** The steps whose commands succeeded. */
  async function succeeded(...args: string[]): Promise<string[]> {
    await model.stop();
    model = await startScriptedModel({
      script: [
        { name: 'command', run: 'echo 1 > in.txt' },
        { name: 'command-outside', run: `echo 1 > ${join(codex.home, 'command.txt')}` },
        { name: 'git', run: 'git add in.txt' },
        { name: 'read-outside', run: 'cat /etc/passwd' },
        { say: 'Done.' },
      ],
    });
    const other = new Codex(model);
    execFileSync('git', ['init', '--quiet', '.'], { cwd: other.cwd });
    const gitDir = join(other.cwd, '.git');
    await runAgent(other.start(...args.map((arg) => arg.replace('GIT_DIR', gitDir))));
    const { entries } = model.requests().at(-1)!;
    const results = entries.filter(({ kind }) => kind === 'result');
    expect(results).toHaveLength(4);
    return results
      .filter(({ text }) => text.includes('Process exited with code 0'))
      .map(({ callId }) => callId!.replace(/^call_(.+)_\w+$/, '$1'));
  }

  it('refuses every change where nothing is said', async () => {
    expect(await succeeded()).toEqual(['read-outside']);
  });

  it('keeps changes inside the worktree with workspace-write, and out of its .git', async () => {
    expect(await succeeded(...WORKTREE_ALONE)).toEqual(['command', 'read-outside']);
  });

  it('lets git work where its folder is named', async () => {
    const writable = ['-c', 'sandbox_workspace_write.writable_roots=["GIT_DIR"]'];
    expect(await succeeded(...WORKTREE_ALONE, ...writable)).toEqual(['command', 'git', 'read-outside']);
  });

  it('is off when it is bypassed', async () => {
    expect(await succeeded(UNSANDBOXED)).toHaveLength(4);
  });
});
