import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeAgentUnderTest } from '../../testing/fake-agent-under-test.js';
import { startScriptedModel, type ScriptedModel } from '../model/start-scripted-model.js';

let model: ScriptedModel;
let agent: FakeAgentUnderTest;

beforeEach(async () => {
  const script = [{ run: 'echo 1 > one; echo first' }, { run: 'echo 2 > two' }, { say: 'Done.' }];
  model = await startScriptedModel({ script });
  agent = new FakeAgentUnderTest(model);
});
afterEach(() => model.stop());

/** The conversation of a run that was lost after its first step, while the second ran. */
async function interrupted(): Promise<void> {
  await agent.start();
  const lines = readFileSync(agent.transcript, 'utf8').split('\n');
  writeFileSync(agent.transcript, `${lines.slice(0, 4).join('\n')}\n`);
}

/** The first request since `before` requests. */
const firstAfter = (before: number) => model.requests()[before];

describe('a fake agent that starts', () => {
  it('does what the model asks in its working directory, and ends with its last word', async () => {
    const { stdout, exitCode } = await agent.start();
    expect(exitCode).toBe(0);
    expect(readdirSync(agent.cwd).sort()).toEqual(['one', 'two']);
    const lines = stdout.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines[0]).toMatchObject({ type: 'system', subtype: 'init', session_id: agent.sessionId });
    expect(lines.map(({ type }) => type)).toEqual([
      'system',
      'assistant',
      'user',
      'assistant',
      'user',
      'assistant',
      'result',
    ]);
    expect(lines.at(-1)).toMatchObject({ subtype: 'success', is_error: false, result: 'Done.' });
  });

  it('sends the whole conversation with each request, under its id', async () => {
    await agent.start();
    expect(model.requests().map(({ messageCount }) => messageCount)).toEqual([1, 3, 5]);
    expect(model.requests().map(({ sessionId }) => sessionId)).toEqual(Array(3).fill(agent.sessionId));
    expect(model.requests()[1]!.text).toContain('first');
  });

  it('writes each message as a line before it does the next thing', async () => {
    await model.stop();
    const script = [{ run: `wc -l < ${agent.transcript} > count` }, { say: 'Done.' }];
    model = await startScriptedModel({ script });
    await agent.start({ FAKE_AGENT_MODEL_URL: model.url });
    expect(readFileSync(join(agent.cwd, 'count'), 'utf8').trim()).toBe('2'); // the prompt and the call
    expect(agent.lines().map(({ type }) => type)).toEqual(['user', 'assistant', 'user', 'assistant']);
  });

  it('refuses an id that is in use, and one that is no UUID', async () => {
    await agent.start();
    const again = await agent.start();
    expect([again.exitCode, again.stderr]).toEqual([1, `Session ID ${agent.sessionId} is already in use.`]);
    const other = await new FakeAgentUnderTest(model, 'mine').start();
    expect([other.exitCode, other.stderr]).toEqual([1, 'mine is not a UUID.']);
  });

  it('refuses to start without its login, where it needs one', async () => {
    const refused = await agent.start({ FAKE_AGENT_NEEDS_LOGIN: '1' });
    expect([refused.exitCode, refused.stderr]).toEqual([1, 'Not logged in.']);
    expect(model.requests()).toEqual([]);
    writeFileSync(join(agent.home, 'credentials.json'), '{}');
    expect((await agent.start({ FAKE_AGENT_NEEDS_LOGIN: '1' })).exitCode).toBe(0);
  });

  it('exits with 1 when the model does not answer, and keeps the conversation', async () => {
    const { exitCode } = await agent.start({ FAKE_AGENT_MODEL_URL: 'http://127.0.0.1:9' });
    expect(exitCode).toBe(1);
    expect(agent.lines()).toHaveLength(1);
  });
});

describe('a fake agent that resumes on another machine', () => {
  it('sends the whole conversation first, and goes on with the step that was interrupted', async () => {
    await interrupted();
    const other = agent.elsewhere();
    agent.movedTo(other);
    const before = model.requests().length;
    expect((await other.resume()).exitCode).toBe(0);
    expect(firstAfter(before)).toMatchObject({ finishedSteps: ['step-1'], sessionId: agent.sessionId });
    expect(firstAfter(before)!.roles).toEqual(['user', 'assistant', 'tool', 'user']);
    expect(readdirSync(other.cwd)).toEqual(['two']);
  });

  it('accepts a transcript that was cut in the middle of a line, and appends whole lines', async () => {
    await interrupted();
    const other = agent.elsewhere();
    agent.movedTo(other, (text) => text.slice(0, -20));
    const before = model.requests().length;
    expect((await other.resume()).exitCode).toBe(0);
    expect(firstAfter(before)).toMatchObject({ finishedSteps: ['step-1'] });
    const lines = readFileSync(other.transcript, 'utf8').split('\n');
    expect(
      lines
        .slice(4)
        .filter(Boolean)
        .map((line) => (JSON.parse(line) as { type: string }).type),
    ).toEqual(['user', 'assistant', 'user', 'assistant']);
  });

  it.each([
    ['is empty', () => ''],
    ['is less than a line', (text: string) => text.slice(0, 50)],
  ])('refuses a transcript that %s, and asks nothing', async (_, edit) => {
    await interrupted();
    const other = agent.elsewhere();
    agent.movedTo(other, edit);
    const before = model.requests().length;
    const { exitCode, stderr } = await other.resume();
    expect([exitCode, stderr]).toEqual([1, `No conversation found with session ID: ${agent.sessionId}`]);
    expect(model.requests()).toHaveLength(before);
  });

  it('refuses an unknown session, and one that lies under another working directory', async () => {
    await agent.start();
    const { exitCode } = await agent.elsewhere().resume({ FAKE_AGENT_HOME: agent.home });
    expect(exitCode).toBe(1);
  });

  it('forks: goes on under another id, and leaves the first as it was', async () => {
    await interrupted();
    const lines = agent.lines().length;
    const forkId = randomUUID();
    const before = model.requests().length;
    const { exitCode } = await agent.resume({}, '--fork-session', '--session-id', forkId);
    expect(exitCode).toBe(0);
    expect(firstAfter(before)).toMatchObject({ finishedSteps: ['step-1'], sessionId: forkId });
    expect(agent.lines()).toHaveLength(lines);
    expect(agent.lines(forkId).every(({ sessionId }) => sessionId === forkId)).toBe(true);
  });
});
