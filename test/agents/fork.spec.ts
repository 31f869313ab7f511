/**
 * A fork with the real programs: two tasks that go on from one checkpoint of another, files and conversation,
 * each on its own. They ask a scripted model, in a network namespace that has loopback alone.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { TaskFeed } from '../testing/task-feed.js';
import { useDrivenStack } from '../testing/use-driven-stack.js';
import { treeOf } from '../testing/use-work.js';
import { expectWholeConversation, useThreeSteps } from './testing/three-steps.js';

describe.each(['claude-code', 'codex'] as const)('a fork of a task of %s', (runner) => {
  const test = useDrivenStack({ ingestReplicas: 1, daemonIds: [] });
  const steps = useThreeSteps(test, runner);

  it('goes on from the same state as another one, each with its own conversation and files', async () => {
    await steps.startDaemon('first');
    const { taskId, checkpoint } = await steps.inThirdStep('first');
    const { number, treeSha } = checkpoint;
    const before = await steps.conversationOf(taskId, number);
    await steps.startDaemon('second');
    steps.thirdStep = 'echo "$PATCHPOINT_TASK_ID" > third.txt; cat first.txt second.txt';
    const asked = steps.model.requests().length;
    const fork = async (plan: string, daemonId: string) => {
      const id = uuidv7();
      const feed = await TaskFeed.open(test.stack.nats.url, id);
      await test.patchStore.forkTask(taskId, { id, checkpointNumber: number, plan, daemonId });
      expect((await feed.untilRestored()).treeSha).toBe(treeSha);
      const task = await test.untilState(id, 'completed');
      await feed.close();
      return { task, plan };
    };
    const forks = await Promise.all([
      fork('Take the high road.', 'first'),
      fork('Take the low road.', 'second'),
    ]);

    const sessions = [checkpoint.conversation!.sessionId];
    for (const { task, plan } of forks) {
      const requests = steps.model.requests().slice(asked);
      expectWholeConversation(requests.find(({ isAside, text }) => !isAside && text.includes(plan))!);
      expect(readFileSync(join(task.worktreePath!, 'third.txt'), 'utf8')).toBe(`${task.id}\n`);
      const final = await test.untilCheckpoint(task.id, ({ kind }) => kind === 'final');
      const said = await steps.conversationOf(task.id, final.number);
      for (const other of forks) expect(said.includes(other.plan)).toBe(other.plan === plan);
      sessions.push(final.conversation!.sessionId);
    }
    expect(new Set(sessions).size).toBe(3);
    // The other task is still in its third step, and nothing of its forks has reached it.
    const { state, worktreePath } = await test.patchStore.task(taskId);
    expect(state).toBe('running');
    expect(await treeOf(worktreePath!)).toBe(treeSha);
    expect(await steps.conversationOf(taskId, number)).toBe(before);
    await test.patchStore.stopTask(taskId, 'enough');
  });
});
