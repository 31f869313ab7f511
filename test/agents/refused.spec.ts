/**
 * What becomes of a real program's conversation that is cut, empty, or of another id. See `resume.spec.ts`.
 */
import { appendFileSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { v4 as uuidv4 } from 'uuid';
import { loseMachine } from '#embedded';
import type { ModelRequest } from '#scripted';
import { eventually } from '#testing';
import { useDrivenStack } from '../testing/use-driven-stack.js';
import { expectWholeConversation, useThreeSteps } from './testing/three-steps.js';

describe.each(['claude-code', 'codex'] as const)('a task of %s', (runner) => {
  const test = useDrivenStack({ ingestReplicas: 1, daemonIds: [] });
  const steps = useThreeSteps(test, runner);

  async function stopInThirdStep(daemonId: string) {
    await steps.startDaemon(daemonId);
    const { taskId, feed } = await steps.inThirdStep(daemonId);
    await test.patchStore.stopTask(taskId, 'enough');
    await test.untilState(taskId, 'stopped');
    return { taskId, feed, before: steps.model.requests().length };
  }

  it('goes on elsewhere after its machine was lost in the middle of a line', async () => {
    await steps.startDaemon(`${runner}-half`);
    const { taskId, checkpoint } = await steps.inThirdStep(`${runner}-half`);
    for (const file of steps.transcripts(`${runner}-half`, taskId)) appendFileSync(file, '{"type":"resp');
    const { worktreePath } = await test.patchStore.task(taskId);
    writeFileSync(join(worktreePath!, 'since.txt'), 'captured with half a line\n');
    const { number } = await test.untilCheckpoint(
      taskId,
      ({ number, treeSha }) => number > checkpoint.number && treeSha !== checkpoint.treeSha,
    );
    expect(await steps.conversationOf(taskId, number)).toMatch(/\}\n$/);
    await loseMachine(test.stack, `${runner}-half`, taskId);
    const before = steps.model.requests().length;
    await steps.startDaemon(`${runner}-whole`);
    await test.patchStore.resumeTask(taskId, { daemonId: `${runner}-whole`, force: true });
    expectWholeConversation(await steps.firstRequestAfter(before));
    await test.untilState(taskId, 'completed', 2);
  });

  it('goes on with a transcript that was cut in the middle of a line where it lies', async () => {
    const { taskId, before } = await stopInThirdStep(`${runner}-cut`);
    for (const file of steps.transcripts(`${runner}-cut`, taskId))
      truncateSync(file, statSync(file).size - 20);
    await test.patchStore.resumeTask(taskId, { daemonId: `${runner}-cut` });
    expectWholeConversation(await steps.firstRequestAfter(before));
    await test.untilState(taskId, 'completed', 2);
  });

  it('starts over with what was said when its transcript is empty', async () => {
    const { taskId, feed } = await stopInThirdStep(`${runner}-empty`);
    for (const file of steps.transcripts(`${runner}-empty`, taskId)) truncateSync(file);
    await test.patchStore.resumeTask(taskId, { daemonId: `${runner}-empty` });
    await feed.untilSaid('the conversation is not continued, starting over');
    expect(await feed.untilRefused()).toMatchObject({ taskId, attempt: 2 });
    await test.untilState(taskId, 'completed', 2);
  });

  it.each([
    ['that it does not know', uuidv4()],
    ['that is none of its kind', 'no-such-conversation'],
  ])('starts over with what was said when it is asked for an id %s', async (_, sessionId) => {
    const daemonId = `${runner}-${sessionId}`;
    const { taskId, feed, before } = await stopInThirdStep(daemonId);
    await test.stack.agent(daemonId).kill();
    const recordFile = join(test.stack.stateDirOf(daemonId), 'tasks', `${taskId}.json`);
    const record = JSON.parse(readFileSync(recordFile, 'utf8')) as object;
    writeFileSync(recordFile, JSON.stringify({ ...record, sessionId }));
    await steps.startDaemon(daemonId);
    await test.patchStore.resumeTask(taskId, { daemonId });
    expect(await feed.untilRefused()).toMatchObject({ taskId, attempt: 2 });
    // Codex has already asked its model in another thread by the time it is stopped.
    const isOver = ({ text }: ModelRequest) => text.includes('Do the three steps.');
    await eventually(() => expect(steps.model.requests().slice(before).some(isOver)).toBe(true));
    const { worktreePath } = await test.untilState(taskId, 'completed', 2);
    expect(existsSync(join(worktreePath!, 'third.txt'))).toBe(true);
  });
});
