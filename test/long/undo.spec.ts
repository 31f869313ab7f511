import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { execaSync } from 'execa';
import { v7 as uuidv7 } from 'uuid';
import { subjects } from '#contracts';
import { NatsClient } from '#messaging';
import { eventually, temporaryFolder } from '#testing';
import { runCli } from '../testing/use-cli.js';
import { useDrivenStack } from '../testing/use-driven-stack.js';
import { useTalkingAgent } from '../testing/use-talking-agent.js';

describe('undo', () => {
  const test = useDrivenStack({ ingestReplicas: 1, daemonIds: [] });
  const { startDaemon } = useTalkingAgent(test);

  const cli = async (...args: string[]) => {
    const done = await runCli(temporaryFolder(), args, { PATCHPOINT_SERVER: test.stack.patchStore.url });
    return { ...done, json: done.exitCode === 0 && done.stdout ? JSON.parse(done.stdout) : undefined };
  };

  /** A task that has done three steps, each in a file and in its conversation, each in a checkpoint. */
  async function threeSteps(daemonId: string) {
    const daemon = await startDaemon(daemonId);
    const id = uuidv7();
    const { feed } = await test.run({
      id,
      runner: 'claude-code',
      daemonId,
      repoUrl: 'new://undo',
      plan: 'Begin.',
    });
    const { worktreePath } = await test.untilState(id, 'running');
    const dir = worktreePath!;
    // Ignored, so that the turns are no part of what is put back.
    writeFileSync(join(dir, '.gitignore'), 'turns\nnode_modules\n');
    mkdirSync(join(dir, 'node_modules/one'), { recursive: true });
    writeFileSync(join(dir, 'node_modules/one/index.js'), 'one');
    const numbers: number[] = [];
    for (const step of [1, 2, 3]) {
      appendFileSync(join(dir, 'turns'), `echo ${step} > step-${step}.txt; echo did ${step}\n`);
      await feed.untilSaid(`turn ${step}: did ${step}`);
      const { number } = await test.untilCheckpoint(
        id,
        ({ conversation, filesChanged }) =>
          conversation?.linesCount === 1 + 2 * step && filesChanged === 1 + step,
      );
      numbers.push(number);
    }
    await test.patchStore.stopTask(id, 'enough');
    await test.untilState(id, 'stopped');
    return { id, feed, dir, numbers, daemon };
  }

  const stepsIn = (dir: string) => readdirSync(dir).filter((name) => name.startsWith('step-'));

  it('asked for several times at once is done one after the other', async () => {
    const { id, numbers } = await threeSteps('at-once');
    const ask = (checkpointNumber: number) =>
      fetch(`${test.stack.patchStore.url}/v1/tasks/${id}/undo`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': uuidv7() },
        body: JSON.stringify({ checkpointNumber }),
      });
    await Promise.all([...numbers, ...numbers].map(ask));
    const undone = await eventually(
      async () => {
        const all = await test.patchStore.checkpoints(id);
        const found = all.filter(({ message }) => message.startsWith('Back to checkpoint '));
        expect(found).toHaveLength(2 * numbers.length);
        return found.map((each) => ({
          treeSha: each.treeSha,
          wanted: all.find(({ number }) => each.message === `Back to checkpoint ${number}`)!.treeSha,
        }));
      },
      { timeoutMs: 60_000 },
    );
    for (const { treeSha, wanted } of undone) expect(treeSha).toBe(wanted);
  });

  it('to the checkpoint where the worktree already is has an answer too', async () => {
    const { id, dir, numbers } = await threeSteps('already-there');
    const { json } = await cli('undo', `${id}@${numbers[2]}`, '--json');
    const again = await cli('undo', `${id}@${numbers[2]}`, '--json');
    expect(json.checkpoint).toMatchObject({ message: `Back to checkpoint ${numbers[2]}` });
    expect(again.json.checkpoint).toMatchObject({ treeSha: json.checkpoint.treeSha, kind: 'undo' });
    expect(stepsIn(dir)).toEqual(['step-1.txt', 'step-2.txt', 'step-3.txt']);
  });

  it('goes one back each time, with the conversation of the same moment, and can be undone', async () => {
    const { id, dir, feed } = await threeSteps('back');
    const running = await test.patchStore.checkpoints(id);
    const newest = running[0]!;
    writeFileSync(join(dir, 'by-hand.txt'), 'done by a person since');

    const first = await cli('undo', id, '--json');
    expect(first.json.checkpoint).toMatchObject({ kind: 'undo', conversation: { linesCount: 7 } });
    expect(existsSync(join(dir, 'by-hand.txt'))).toBe(false);
    expect(stepsIn(dir)).toEqual(['step-1.txt', 'step-2.txt', 'step-3.txt']);
    expect(first.json.checkpoint.treeSha).toBe(newest.treeSha);

    const second = await cli('undo', id, '--json');
    expect(stepsIn(dir)).toEqual(['step-1.txt', 'step-2.txt']);
    expect(second.json.checkpoint.conversation.linesCount).toBeLessThanOrEqual(6);
    const third = await cli('undo', id, '--json');
    expect(stepsIn(dir)).toEqual(['step-1.txt']);
    expect(third.json.checkpoint.message).toMatch(/^Back to checkpoint \d+$/);
    // What no checkpoint holds has come along.
    expect(readFileSync(join(dir, 'node_modules/one/index.js'), 'utf8')).toBe('one');

    // The state before the first undo is a checkpoint as well.
    const before = (await test.patchStore.checkpoints(id)).find(
      ({ message }) => message === 'Before an undo',
    )!;
    await cli('undo', `${id}@${before.number}`, '--json');
    expect(readFileSync(join(dir, 'by-hand.txt'), 'utf8')).toBe('done by a person since');
    expect(stepsIn(dir)).toEqual(['step-1.txt', 'step-2.txt', 'step-3.txt']);
    expect(execaSync('git', ['status', '--short'], { cwd: dir }).exitCode).toBe(0);
    await feed.untilSaid('The folder as it was is kept at ');

    const worktreesDir = dirname(dirname(dir));
    const ofTask = () => readdirSync(worktreesDir).filter((name) => name.startsWith(basename(dirname(dir))));
    expect(ofTask()).toHaveLength(5);
    await test.patchStore.cleanupWorktree(id, { force: false });
    await eventually(() => expect(ofTask()).toEqual([]));
  });

  it('is what a resume goes on from, files and conversation, here and on another machine', async () => {
    const { id, dir, feed } = await threeSteps('from');
    await cli('undo', id, '--json');
    const undone = (await cli('undo', id, '--json')).json.checkpoint;
    const lines = undone.conversation.linesCount as number;
    expect(stepsIn(dir)).toEqual(['step-1.txt']);
    await test.patchStore.resumeTask(id, { daemonId: 'from' });
    await feed.untilSaid(`resume ${undone.conversation.sessionId}: remembers ${lines} lines`);
    await test.untilState(id, 'running', 2);
    await test.patchStore.stopTask(id, 'enough');
    await test.untilState(id, 'stopped', 2);
    await cli('undo', `${id}@${undone.number}`, '--json');

    await startDaemon('other');
    await test.patchStore.resumeTask(id, { daemonId: 'other', force: false });
    await feed.untilSaid(`Conversation ${undone.conversation.sessionId} restored (${lines} lines, verified)`);
    const { worktreePath } = await test.untilState(id, 'running', 3);
    expect(stepsIn(worktreePath!)).toEqual(['step-1.txt']);
    await test.patchStore.stopTask(id, 'enough');
  });

  it('is refused while the task runs, and where there is nothing to go back to', async () => {
    await startDaemon('refusing');
    const id = uuidv7();
    await test.run({ id, daemonId: 'refusing', repoUrl: 'new://a', plan: 'echo a > a.txt; sleep 600' });
    await test.untilState(id, 'running');
    await test.untilCheckpoint(id, ({ filesChanged }) => filesChanged === 1);
    const running = await cli('undo', id);
    expect(running).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('running. Stop it first') });
    await test.patchStore.stopTask(id, 'enough');
    const { worktreePath } = await test.untilState(id, 'stopped');
    await eventually(async () => {
      const answer = await cli('undo', `${id}@99`);
      expect(answer.stderr).toContain('The worktree was not put back: Checkpoint 99 cannot be restored');
    });
    // Whatever was captured before the file was there counts as older: back until there is nothing.
    await eventually(async () => {
      expect((await cli('undo', id)).stderr).toContain('There is no older checkpoint with other files');
    });
    expect(existsSync(worktreePath!)).toBe(true);
  });

  it('killed in the middle is finished by the daemon that starts again, and goes back once', async () => {
    const { id, dir, feed, numbers, daemon } = await threeSteps('killed');
    const url = `${test.stack.patchStore.url}/v1/tasks/${id}/undo`;
    await fetch(url, { method: 'POST', headers: { 'idempotency-key': uuidv7() } });
    await feed.untilSaid('Worktree is back at checkpoint ');
    await daemon.kill();
    await startDaemon('killed');
    const { treeSha } = (await test.patchStore.checkpoints(id)).find(({ number }) => number === numbers[1])!;
    const back = await test.untilCheckpoint(id, ({ message }) => message.startsWith('Back to checkpoint '));
    expect(back.treeSha).toBe(treeSha);
    expect((await cli('undo', `${id}@99`)).stderr).toContain('Checkpoint 99 cannot be restored');
    expect(stepsIn(dir)).toEqual(['step-1.txt', 'step-2.txt']);
  });

  it('goes back once for an order that is delivered twice', async () => {
    const { id, dir, numbers } = await threeSteps('twice');
    const nats = new NatsClient({ url: test.stack.nats.url }, 'a test');
    const order = {
      schemaVersion: 1,
      eventId: uuidv7(),
      daemonId: 'twice',
      taskId: id,
      attempt: 1,
    };
    const jetStream = await nats.jetStream();
    for (let times = 0; times < 2; times += 1) {
      await jetStream.publish(subjects.daemonCommand('twice', 'undo-worktree'), JSON.stringify(order));
    }
    await test.untilCheckpoint(id, ({ message }) => message.startsWith('Back to'));
    // Orders are carried out in turn: both have been when this one is refused.
    expect((await cli('undo', `${id}@99`)).stderr).toContain('Checkpoint 99 cannot be restored');
    const back = (await test.patchStore.checkpoints(id)).filter(({ message }) =>
      message.startsWith('Back to'),
    );
    expect(back).toHaveLength(1);
    expect(stepsIn(dir)).toEqual(['step-1.txt', 'step-2.txt']);

    // Also one that comes once more after a later one.
    await cli('undo', `${id}@${numbers[2]}`, '--json');
    const all = ['step-1.txt', 'step-2.txt', 'step-3.txt'];
    expect(stepsIn(dir)).toEqual(all);
    await jetStream.publish(subjects.daemonCommand('twice', 'undo-worktree'), JSON.stringify(order));
    expect((await cli('undo', `${id}@99`)).stderr).toContain('Checkpoint 99 cannot be restored');
    expect(stepsIn(dir)).toEqual(all);
    await nats.close();
  });
});
