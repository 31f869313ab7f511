import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import type { TaskView } from '#contracts';
import { eventually, queryOnce, temporaryFolder } from '#testing';
import { runCli } from '../testing/use-cli.js';
import { useDrivenStack } from '../testing/use-driven-stack.js';
import { useTalkingAgent } from '../testing/use-talking-agent.js';
import { treeOf } from '../testing/use-work.js';

describe('a fork', () => {
  const test = useDrivenStack({ ingestReplicas: 1, daemonIds: [] });
  const { startDaemon } = useTalkingAgent(test);

  /** A task that has taken a turn, and the checkpoint of it, after which it took another one. */
  async function talkedOn(daemonId: string, runnerName = 'claude-code') {
    await startDaemon(daemonId);
    const id = uuidv7();
    const { feed } = await test.run({
      id,
      name: 'talk',
      runner: runnerName,
      daemonId,
      repoUrl: 'new://talk',
      plan: 'Say something.',
    });
    const { worktreePath } = await test.untilState(id, 'running');
    const turns = join(worktreePath!, 'turns');
    appendFileSync(turns, 'echo first > first.txt; echo one\n');
    await feed.untilSaid('turn 1: one');
    const checkpoint = await test.untilCheckpoint(id, ({ conversation }) => conversation?.linesCount === 3);
    const treeSha = await treeOf(worktreePath!);
    expect(checkpoint.treeSha).toBe(treeSha);
    appendFileSync(turns, 'echo later > later.txt; echo two\n');
    await feed.untilSaid('turn 2: two');
    return { id, feed, worktreePath: worktreePath!, checkpoint };
  }

  const fork = async (id: string, checkpointNumber: number, fields: object = {}) => {
    const forkId = uuidv7();
    const feed = await test.follow(forkId);
    const task = await test.patchStore.forkTask(id, { id: forkId, checkpointNumber, ...fields });
    return { task, feed };
  };

  const addTurns = (task: TaskView, turns: string) =>
    appendFileSync(join(task.worktreePath!, 'turns'), turns);

  const cli = (...args: string[]) =>
    runCli(temporaryFolder(), args, { PATCHPOINT_SERVER: test.stack.patchStore.url });

  it('of one into two goes on from the same state on its own, without the task that it came from', async () => {
    const { id, worktreePath, checkpoint } = await talkedOn('forking');
    const { number, conversation, treeSha } = checkpoint;
    const forks = [await fork(id, number), await fork(id, number, { plan: 'Say something else.' })];
    // Nothing that it needs is left with the other task.
    await test.patchStore.deletePatches(id);
    await queryOnce(test.stack.postgres.url, `DELETE FROM conversation_parts WHERE task_id = '${id}'`);
    await startDaemon('elsewhere');

    const started = await Promise.all(
      forks.map(async ({ task, feed }) => {
        expect((await feed.untilRestored()).treeSha).toBe(treeSha);
        await feed.untilSaid(`Conversation ${conversation!.sessionId} restored (3 lines, verified)`);
        await feed.untilSaid(': remembers 3 lines');
        const running = await test.untilState(task.id, 'running');
        expect(running.forkedFrom).toEqual({ taskId: id, checkpointNumber: number });
        expect(existsSync(join(running.worktreePath!, 'later.txt'))).toBe(false);
        return running;
      }),
    );
    expect(started.map(({ name }) => name)).toEqual(['talk-fork-1', 'talk-fork-2']);
    addTurns(started[0]!, 'echo mine > own.txt; cat first.txt own.txt\nend\n');
    addTurns(started[1]!, 'ls; git branch --show-current\nend\n');
    await forks[0]!.feed.untilSaid('turn 2: first\nmine');
    await test.untilState(started[0]!.id, 'completed');
    await test.untilState(started[1]!.id, 'completed');
    const finals = await Promise.all(
      started.map((task) => test.untilCheckpoint(task.id, ({ kind }) => kind === 'final')),
    );
    const sessions = [conversation!, ...finals.map((final) => final.conversation!)].map(
      (each) => each.sessionId,
    );
    expect(new Set(sessions).size).toBe(3);
    expect(new Set([checkpoint, ...finals].map(({ branchName }) => branchName)).size).toBe(3);
    expect(readdirSync(worktreePath)).not.toContain('own.txt');
    expect(readFileSync(join(started[1]!.worktreePath!, 'first.txt'), 'utf8')).toBe('first\n');
    const second = await conversationOf(started[1]!.id, finals[1]!.number);
    expect(second).toContain('echo first > first.txt');
    expect(second).toContain('Say something else.');
    expect(second).not.toContain('own.txt');
    await test.patchStore.stopTask(id, 'enough');
  });

  it('resumed later goes on with its own conversation', async () => {
    const { id, checkpoint } = await talkedOn('again');
    const { task, feed } = await fork(id, checkpoint.number, { daemonId: 'again' });
    const running = await test.untilState(task.id, 'running');
    addTurns(running, 'echo of the fork\n');
    await feed.untilSaid('turn 2: of the fork');
    const own = await test.untilCheckpoint(task.id, ({ conversation }) => conversation?.linesCount === 6);
    await test.patchStore.stopTask(task.id, 'a pause');
    await test.untilState(task.id, 'stopped');
    await test.patchStore.cleanupWorktree(task.id, { force: true });
    await eventually(() => expect(existsSync(running.worktreePath!)).toBe(false));
    await test.patchStore.resumeTask(task.id, { daemonId: 'again' });
    await feed.untilSaid(`resume ${own.conversation!.sessionId}: remembers`);
    for (const each of [task.id, id]) await test.patchStore.stopTask(each, 'enough');
  });

  it('starts over with what was said, where its program cannot fork', async () => {
    const { id, checkpoint } = await talkedOn('unable', 'unable');
    const { task, feed } = await fork(id, checkpoint.number, { daemonId: 'unable' });
    await feed.untilSaid('starting over: runner "unable" cannot fork it');
    const running = await test.untilState(task.id, 'running');
    writeFileSync(
      join(running.worktreePath!, 'turns'),
      'cat "$PATCHPOINT_RECOVERY_BRIEF"; cat "$PATCHPOINT_CONVERSATION_FILE"; cat first.txt\nend\n',
    );
    await feed.untilSaid(`begins with checkpoint ${checkpoint.number} of task ${id}`);
    await feed.untilSaid('> one');
    await test.untilState(task.id, 'completed');
    await test.patchStore.stopTask(id, 'enough');
  });

  it('whose copy is damaged fails and names it, instead of starting without its state', async () => {
    const { id, checkpoint } = await talkedOn('whole');
    const damaged = await queryOnce(
      test.stack.postgres.url,
      `UPDATE checkpoint_patches SET patch_data = set_byte(patch_data, 20, 255 - get_byte(patch_data, 20))
       WHERE id = '${checkpoint.patchId}' RETURNING id`,
    );
    expect(damaged).toHaveLength(1);
    await startDaemon('receiving');
    const { task } = await fork(id, checkpoint.number, { daemonId: 'receiving' });
    const failed = await test.untilState(task.id, 'failed');
    expect(failed.stateReason).toContain('The fork has no state to begin with');
    expect((await test.patchStore.task(id)).state).toBe('running');
    await test.patchStore.stopTask(id, 'enough');
  });

  it('whose machine is lost before its first checkpoint begins from the same state elsewhere', async () => {
    const { id, checkpoint } = await talkedOn('source');
    const daemon = await startDaemon('lost');
    const { task, feed } = await fork(id, checkpoint.number, { daemonId: 'lost' });
    await feed.untilSaid(': remembers 3 lines');
    await daemon.kill();
    await startDaemon('found');
    await test.patchStore.resumeTask(task.id, { daemonId: 'found', force: true });
    const running = await test.untilState(task.id, 'running', 2);
    expect(readFileSync(join(running.worktreePath!, 'first.txt'), 'utf8')).toBe('first\n');
    expect(existsSync(join(running.worktreePath!, 'later.txt'))).toBe(false);
    addTurns(running, 'echo on\nend\n');
    await test.untilState(task.id, 'completed', 2);
    const final = await test.untilCheckpoint(task.id, ({ kind }) => kind === 'final');
    expect(await conversationOf(task.id, final.number)).toContain('echo first > first.txt');
    await test.patchStore.stopTask(id, 'enough');
  });

  it('is made by `patchpoint fork`, and shown by `status` and `log`', async () => {
    const { id, checkpoint } = await talkedOn('by-hand');
    const made = await cli('fork', `${id}@${checkpoint.number}`, '--count', '2', '-m', 'Go on.', '--json');
    const { tasks } = JSON.parse(made.stdout) as { tasks: TaskView[] };
    expect(tasks.map(({ name, plan }) => [name, plan])).toEqual([
      ['talk-fork-1', 'Go on.'],
      ['talk-fork-2', 'Go on.'],
    ]);
    const from = `${id.slice(-8)}@${checkpoint.number}`;
    expect((await cli('status')).stdout).toMatch(new RegExp(`talk-fork-2 .* ${from}$`, 'm'));
    expect((await cli('log', tasks[0]!.id)).stdout).toContain(`fork of ${from}`);
    const gone = await cli('fork', `${id}@99`);
    expect(gone).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('has no checkpoint 99') });
    for (const each of [id, ...tasks.map((task) => task.id)]) await test.patchStore.stopTask(each, 'enough');
  });

  async function conversationOf(taskId: string, number: number): Promise<string> {
    const url = `${test.stack.patchStore.url}/v1/tasks/${taskId}/checkpoints/${number}/conversation`;
    return (await fetch(url)).text();
  }
});
