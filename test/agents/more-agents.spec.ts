/** A task of a real program whose machine is lost: another daemon goes on with its files and conversation. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { loseMachine } from '#embedded';
import { startScriptedModel, type ScriptedModel } from '#scripted';
import { eventually, temporaryFolder } from '#testing';
import { treeOf } from '../testing/use-work.js';
import { useDrivenStack } from '../testing/use-driven-stack.js';
import { UNTIL_KILLED } from './testing/agent-process.js';
import { geminiCliEnvironment } from './testing/gemini-cli.js';
import { opencodeEnvironment } from './testing/opencode.js';

/** They take seconds to start, and so does each export of opencode. */
const PATIENCE = { timeoutMs: 120_000, intervalMs: 200 };
const LOGIN = 'a-login-of-a-person';

describe.each([
  {
    runner: 'opencode',
    environmentOf: opencodeEnvironment,
    login: '.local/share/opencode/auth.json',
    passedOn: 'opencode/auth.json',
    records: /opencode\.db/,
  },
  {
    runner: 'gemini-cli',
    environmentOf: geminiCliEnvironment,
    login: '.gemini/oauth_creds.json',
    passedOn: '.gemini/oauth_creds.json',
    records: /chats\/session-/,
  },
])('a task of $runner', ({ runner, environmentOf, login, passedOn, records }) => {
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

  /** On a machine of its own, whose user is logged in. */
  const startDaemon = (daemonId: string) => {
    const home = temporaryFolder();
    mkdirSync(dirname(join(home, login)), { recursive: true });
    writeFileSync(join(home, login), JSON.stringify({ anthropic: { type: 'api', key: LOGIN } }));
    return test.stack.startAgent(daemonId, {
      ...environmentOf(model, home),
      PATH: `${process.env['PATCHPOINT_AGENT_PROGRAMS']}:${process.env['PATH']}`,
      PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '2',
      PATCHPOINT_HEARTBEAT_COMMIT: 'false',
    });
  };

  const conversationOf = async (taskId: string, number: number, accept = '*/*') => {
    const url = `${test.stack.patchStore.url}/v1/tasks/${taskId}/checkpoints/${number}/conversation`;
    return (await fetch(url, { headers: { accept } })).text();
  };

  /** A task that has done two steps and is in its third, captured with both halves. */
  async function inThirdStep(daemonId: string) {
    thirdStep = UNTIL_KILLED;
    const { taskId, feed } = await test.run({
      id: uuidv7(),
      runner,
      daemonId,
      repoUrl: 'new://agents',
      plan: 'Do the three steps.',
    });
    const { worktreePath } = await test.untilState(taskId, 'running');
    await eventually(() => expect(existsSync(join(worktreePath!, 'second.txt'))).toBe(true), PATIENCE);
    const treeSha = await treeOf(worktreePath!);
    const checkpoint = await eventually(async () => {
      const [newest] = await test.patchStore.checkpoints(taskId);
      expect(newest).toMatchObject({ treeSha, conversation: { runner } });
      expect(await conversationOf(taskId, newest!.number)).toContain('the second output');
      return newest!;
    }, PATIENCE);
    thirdStep = 'echo three > third.txt; cat first.txt second.txt';
    return { taskId, feed, checkpoint };
  }

  it('goes on with its conversation and its files after its machine was lost', async () => {
    await startDaemon(`${runner}-doomed`);
    const { taskId, feed, checkpoint } = await inThirdStep(`${runner}-doomed`);
    const markdown = await conversationOf(taskId, checkpoint.number, 'text/markdown');
    expect(markdown).toContain('## user\n\nDo the three steps.');
    await loseMachine(test.stack, `${runner}-doomed`, taskId);
    const before = model.requests().length;
    await startDaemon(`${runner}-next`);
    await test.patchStore.resumeTask(taskId, { daemonId: `${runner}-next`, force: true });
    expect((await feed.untilRestored()).treeSha).toBe(checkpoint.treeSha);
    const { worktreePath } = await test.untilState(taskId, 'completed', 2);
    const first = model
      .requests()
      .slice(before)
      .find(({ isAside }) => !isAside);
    for (const text of ['Do the three steps.', 'the first output', 'the second output']) {
      expect(first!.text).toContain(text);
    }
    expect(readFileSync(join(worktreePath!, 'third.txt'), 'utf8')).toBe('three\n');

    const final = await test.untilCheckpoint(
      taskId,
      ({ kind, attempt }) => kind === 'final' && attempt === 2,
    );
    const whole = await conversationOf(taskId, final.number);
    expect(whole).toContain('All is done.');
    expect(whole).not.toContain(LOGIN);
    const home = join(test.stack.stateDirOf(`${runner}-next`), 'homes', taskId);
    expect(readFileSync(join(home, passedOn), 'utf8')).toContain(LOGIN);
    expect(recordsBelow(home, records).length).toBeGreaterThan(0);
  });

  it('starts over when its conversation is refused', async () => {
    await startDaemon(`${runner}-refusing`);
    const { taskId, feed } = await inThirdStep(`${runner}-refusing`);
    await test.patchStore.stopTask(taskId, 'enough');
    await test.untilState(taskId, 'stopped');
    const home = join(test.stack.stateDirOf(`${runner}-refusing`), 'homes', taskId);
    for (const path of recordsBelow(home, records)) rmSync(path);
    await test.patchStore.resumeTask(taskId, { daemonId: `${runner}-refusing` });
    await feed.untilSaid('the conversation is not continued, starting over');
    const { worktreePath } = await test.untilState(taskId, 'completed', 2);
    expect(existsSync(join(worktreePath!, 'third.txt'))).toBe(true);
  });
});

function recordsBelow(home: string, records: RegExp): string[] {
  const paths = readdirSync(home, { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => records.test(path)).map((path) => join(home, path));
}
