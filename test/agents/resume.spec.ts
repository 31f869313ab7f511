/**
 * The whole promise, with the real programs: an agent's machine is lost while it works, and another daemon
 * goes on with its files and its conversation. They ask a scripted model, in a network namespace that has
 * loopback alone.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { loseMachine } from '#embedded';
import { startScriptedModel, type ScriptedModel } from '#scripted';
import { eventually, temporaryFolder } from '#testing';
import { treeOf } from '../testing/use-work.js';
import { useDrivenStack } from '../testing/use-driven-stack.js';
import { UNTIL_KILLED } from './testing/agent-process.js';
import { claudeCodeEnvironment } from './testing/claude-code.js';
import { codexEnvironment } from './testing/codex.js';

const PATIENCE = { timeoutMs: 60_000, intervalMs: 100 };

describe.each([
  { runner: 'claude-code', environmentOf: claudeCodeEnvironment },
  { runner: 'codex', environmentOf: codexEnvironment },
])('a task of $runner', ({ runner, environmentOf }) => {
  const test = useDrivenStack({ ingestReplicas: 1, daemonIds: [] });
  let model: ScriptedModel;
  /** What the third step does: it lasts until the machine is lost, or ends. */
  let thirdStep: string;

  beforeAll(async () => {
    model = await startScriptedModel({
      script: () => [
        { run: 'echo one > first.txt; echo the first output' },
        { run: 'echo two > second.txt; echo the second output' },
        { run: thirdStep },
        { say: 'All is done.' },
      ],
    });
  });
  afterAll(() => model.stop());

  const startDaemon = (daemonId: string, variables: Record<string, string> = {}) => {
    const home = temporaryFolder();
    const { CLAUDE_CONFIG_DIR: _claude, CODEX_HOME: _codex, ...environment } = environmentOf(model, home);
    const programs = process.env['PATCHPOINT_AGENT_PROGRAMS']!;
    return test.stack.startAgent(daemonId, {
      ...environment,
      PATH: `${programs}:${process.env['PATH']}`,
      PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '1',
      PATCHPOINT_HEARTBEAT_COMMIT: 'false',
      ...variables,
    });
  };

  /** A task that has done two steps and is in its third, captured with both halves. */
  async function inThirdStep(daemonId: string) {
    thirdStep = UNTIL_KILLED;
    const id = uuidv7();
    const { taskId, feed } = await test.run({
      id,
      runner,
      daemonId,
      repoUrl: 'new://agents',
      plan: 'Do the three steps.',
    });
    const { worktreePath } = await test.untilState(taskId, 'running');
    await model.waitForRequest(({ text }) => text.includes('the second output'));
    await eventually(() => expect(existsSync(join(worktreePath!, 'second.txt'))).toBe(true), PATIENCE);
    const treeSha = await treeOf(worktreePath!);
    const checkpoint = await eventually(async () => {
      const [newest] = await test.patchStore.checkpoints(taskId);
      expect(newest).toMatchObject({ treeSha });
      const text = await conversationOf(taskId, newest!.number);
      expect(text).toContain('the second output');
      return newest!;
    }, PATIENCE);
    thirdStep = 'echo three > third.txt; cat first.txt second.txt';
    return { taskId, feed, checkpoint };
  }

  async function conversationOf(taskId: string, number: number): Promise<string> {
    const url = `${test.stack.patchStore.url}/v1/tasks/${taskId}/checkpoints/${number}/conversation`;
    return (await fetch(url)).text();
  }

  /** The first request of the agent itself after that many. */
  const firstRequestAfter = (count: number) =>
    eventually(() => {
      const first = model
        .requests()
        .slice(count)
        .find(({ isAside }) => !isAside);
      expect(first).toBeDefined();
      return first!;
    }, PATIENCE);

  it('edits files unattended without further configuration, and a turn is followed by a checkpoint', async () => {
    await startDaemon(`${runner}-plain`, { PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '0' });
    thirdStep = 'echo three > third.txt';
    const id = uuidv7();
    await test.run({ id, runner, daemonId: `${runner}-plain`, repoUrl: 'new://a', plan: 'Do the steps.' });
    const { worktreePath } = await test.untilState(id, 'completed');
    expect(readdirSync(worktreePath!)).toEqual(
      expect.arrayContaining(['first.txt', 'second.txt', 'third.txt']),
    );
    const turn = await test.untilCheckpoint(id, ({ kind }) => kind === 'turn');
    expect(turn.conversation!.linesCount).toBeGreaterThan(3);
  });

  it('goes on with its conversation and its files after its machine was lost', async () => {
    const daemonId = `${runner}-doomed`;
    await startDaemon(daemonId);
    const { taskId, feed, checkpoint } = await inThirdStep(daemonId);
    await loseMachine(test.stack, daemonId, taskId);
    const before = model.requests().length;
    await startDaemon(`${runner}-next`);
    await test.patchStore.resumeTask(taskId, { daemonId: `${runner}-next`, force: true });
    expect((await feed.untilRestored()).treeSha).toBe(checkpoint.treeSha);
    const first = await firstRequestAfter(before);
    expect(first.text).toContain('Do the three steps.');
    expect(first.text).toContain('the first output');
    expect(first.text).toContain('the second output');
    const { worktreePath } = await test.untilState(taskId, 'completed', 2);
    expect(readFileSync(join(worktreePath!, 'third.txt'), 'utf8')).toBe('three\n');
  });

  it('starts over with what was said when its conversation is refused', async () => {
    const daemonId = `${runner}-refusing`;
    await startDaemon(daemonId);
    const { taskId, feed } = await inThirdStep(daemonId);
    await test.patchStore.stopTask(taskId, 'enough');
    await test.untilState(taskId, 'stopped');
    for (const file of transcriptsBelow(join(test.stack.stateDirOf(daemonId), 'homes', taskId))) {
      truncateSync(file);
    }
    await test.patchStore.resumeTask(taskId, { daemonId });
    await feed.untilSaid('the conversation is not continued, starting over');
    await test.untilState(taskId, 'completed', 2);
  });

  it('has a checkpoint of what a git reset --hard destroys', async () => {
    const daemonId = `${runner}-careful`;
    await startDaemon(daemonId, { PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '0' });
    thirdStep = 'git add -A && git reset --hard --quiet';
    const id = uuidv7();
    await test.run({ id, runner, daemonId, repoUrl: 'new://a', plan: 'Do the steps.' });
    await test.untilState(id, 'completed');
    const before = await test.untilCheckpoint(id, ({ kind }) => kind === 'before-command');
    const { files } = await test.patchStore.checkpoint(id, before.number);
    expect(files!.map(({ path }) => path).sort()).toEqual(['first.txt', 'second.txt']);
  });

  it('never has a credential in a checkpoint', async () => {
    const usual = join(temporaryFolder(), runner);
    mkdirSync(usual);
    const secrets = ['.credentials.json', 'auth.json', '.env'];
    for (const name of secrets) writeFileSync(join(usual, name), '{"secret": "of a person"}');
    const daemonId = `${runner}-secrets`;
    await startDaemon(daemonId, { CLAUDE_CONFIG_DIR: usual });
    thirdStep = 'true';
    const id = uuidv7();
    await test.run({ id, runner, daemonId, repoUrl: 'new://a', plan: 'Do the steps.' });
    await test.untilState(id, 'completed');
    const final = await test.untilCheckpoint(id, ({ kind }) => kind === 'final');
    for (const { path } of final.conversation!.files)
      expect(path).toMatch(/^(projects|sessions)\/.*\.jsonl$/);
  });
});

function transcriptsBelow(home: string): string[] {
  const paths = readdirSync(home, { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => path.endsWith('.jsonl')).map((path) => join(home, path));
}
