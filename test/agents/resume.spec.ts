/**
 * The whole promise, with the real programs: an agent's machine is lost while it works, and another daemon
 * goes on with its files and its conversation. They ask a scripted model, in a network namespace that has
 * loopback alone.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loseMachine } from '#embedded';
import { temporaryFolder } from '#testing';
import { useDrivenStack } from '../testing/use-driven-stack.js';
import { expectWholeConversation, useThreeSteps } from './testing/three-steps.js';

const NO_HEARTBEAT = { PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '0' };

describe.each(['claude-code', 'codex'] as const)('a task of %s', (runner) => {
  const test = useDrivenStack({ ingestReplicas: 1, daemonIds: [] });
  const steps = useThreeSteps(test, runner);

  it('edits files unattended without further configuration, and a turn is followed by a checkpoint', async () => {
    await steps.startDaemon(`${runner}-plain`, NO_HEARTBEAT);
    steps.thirdStep = 'echo three > third.txt';
    const { taskId } = await steps.run(`${runner}-plain`);
    const { worktreePath } = await test.untilState(taskId, 'completed');
    expect(readdirSync(worktreePath!)).toEqual(
      expect.arrayContaining(['first.txt', 'second.txt', 'third.txt']),
    );
    const turn = await test.untilCheckpoint(taskId, ({ kind }) => kind === 'turn');
    expect(turn.conversation!.linesCount).toBeGreaterThan(3);
  });

  it('goes on with its conversation and its files after its machine was lost', async () => {
    await steps.startDaemon(`${runner}-doomed`);
    const { taskId, feed, checkpoint } = await steps.inThirdStep(`${runner}-doomed`);
    await loseMachine(test.stack, `${runner}-doomed`, taskId);
    const before = steps.model.requests().length;
    await steps.startDaemon(`${runner}-next`);
    await test.patchStore.resumeTask(taskId, { daemonId: `${runner}-next`, force: true });
    expect((await feed.untilRestored()).treeSha).toBe(checkpoint.treeSha);
    expectWholeConversation(await steps.firstRequestAfter(before));
    const { worktreePath } = await test.untilState(taskId, 'completed', 2);
    expect(readFileSync(join(worktreePath!, 'third.txt'), 'utf8')).toBe('three\n');
  });

  it('has a checkpoint of what a git reset --hard destroys', async () => {
    await steps.startDaemon(`${runner}-careful`, NO_HEARTBEAT);
    steps.thirdStep = 'git add -A && git reset --hard --quiet';
    const { taskId } = await steps.run(`${runner}-careful`);
    await test.untilState(taskId, 'completed');
    const before = await test.untilCheckpoint(taskId, ({ kind }) => kind === 'before-command');
    const { files } = await test.patchStore.checkpoint(taskId, before.number);
    expect(files!.map(({ path }) => path).sort()).toEqual(['first.txt', 'second.txt']);
  });

  it('never has a credential in a checkpoint', async () => {
    const usual = join(temporaryFolder(), runner);
    mkdirSync(usual);
    const secrets = ['.credentials.json', 'auth.json', '.env'];
    for (const name of secrets) writeFileSync(join(usual, name), '{"secret": "of a person"}');
    await steps.startDaemon(`${runner}-secrets`, { CLAUDE_CONFIG_DIR: usual });
    steps.thirdStep = 'true';
    const { taskId } = await steps.run(`${runner}-secrets`);
    await test.untilState(taskId, 'completed');
    const final = await test.untilCheckpoint(taskId, ({ kind }) => kind === 'final');
    for (const { path } of final.conversation!.files)
      expect(path).toMatch(/^(projects|sessions)\/.*\.jsonl$/);
  });
});

describe.each(['claude-code', 'codex'] as const)('a task of %s that nobody attends to', (runner) => {
  const impatient = { PATCHPOINT_DAEMON_TIMEOUT_SECONDS: '10', PATCHPOINT_WATCH_INTERVAL_SECONDS: '1' };
  const test = useDrivenStack({
    ingestReplicas: 1,
    daemonIds: [],
    environment: { 'patch-store': impatient, janitor: impatient },
  });
  const steps = useThreeSteps(test, runner);
  const alive = { PATCHPOINT_SIGN_OF_LIFE_SECONDS: '1' };

  it('goes on with its conversation and its files after its machine was lost', async () => {
    await steps.startDaemon(`${runner}-alone`, alive);
    const { taskId, feed, checkpoint } = await steps.inThirdStep(`${runner}-alone`);
    await steps.startDaemon(`${runner}-heir`, alive);
    await loseMachine(test.stack, `${runner}-alone`, taskId);
    const before = steps.model.requests().length;
    expect((await feed.untilRestored()).treeSha).toBe(checkpoint.treeSha);
    expectWholeConversation(await steps.firstRequestAfter(before));
    const { worktreePath, daemonId } = await test.untilState(taskId, 'completed', 2);
    expect(daemonId).toBe(`${runner}-heir`);
    expect(readFileSync(join(worktreePath!, 'third.txt'), 'utf8')).toBe('three\n');
  });
});
