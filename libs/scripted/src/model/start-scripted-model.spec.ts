import { afterEach, describe, expect, it } from '@jest/globals';
import type { Loose } from './conversation.js';
import type { Script } from './script.js';
import { startScriptedModel, type ScriptedModel } from './start-scripted-model.js';

const script: Script = [{ run: 'echo 1' }, { run: 'echo 2', name: 'second' }, { say: 'Done.' }];

const messagesTools = [
  { name: 'Read', input_schema: {} },
  { name: 'Bash', input_schema: {} },
];
const responsesTools = [{ type: 'function', name: 'exec_command', parameters: { properties: { cmd: {} } } }];

let model: ScriptedModel;

afterEach(() => model.stop());

async function ask(path: string, body: Loose): Promise<Response> {
  return fetch(model.url + path, { method: 'POST', body: JSON.stringify(body) });
}

/** The block that the Messages API answers. */
async function answer(messages: readonly Loose[], tools: readonly Loose[] = messagesTools): Promise<Loose> {
  const response = await ask('/v1/messages', { model: 'm', messages, tools });
  const { content } = (await response.json()) as { content: Loose[] };
  expect(content).toHaveLength(1);
  return content[0]!;
}

const prompt = { role: 'user', content: 'Begin.' };
const called = (block: Loose) => ({ role: 'assistant', content: [block] });
const resulted = ({ id }: Loose, content: unknown = 'ok') => ({
  role: 'user',
  content: [{ type: 'tool_result', tool_use_id: id, content }],
});

/** The events of a stream, and the names by which they were sent. */
async function eventsOf(response: Response): Promise<Loose[]> {
  const events = (await response.text()).split('\n\n').filter(Boolean);
  return events.map((event) => {
    const [, name, data] = /^event: (.+)\ndata: (.+)$/.exec(event)!;
    const parsed = JSON.parse(data!) as Loose;
    expect(parsed['type']).toBe(name);
    return parsed;
  });
}

describe('over the Messages API, a scripted model', () => {
  it('goes on where the conversation is, and begins again when it is lost', async () => {
    model = await startScriptedModel({ script });
    const first = await answer([prompt]);
    expect(first).toMatchObject({ type: 'tool_use', name: 'Bash', input: { command: 'echo 1' } });
    const second = await answer([prompt, called(first), resulted(first)]);
    expect(second).toMatchObject({ name: 'Bash', input: { command: 'echo 2' } });
    const whole = [prompt, called(first), resulted(first), called(second), resulted(second)];
    expect(await answer(whole)).toEqual({ type: 'text', text: 'Done.' });
    expect(await answer([prompt])).toMatchObject({ input: { command: 'echo 1' } });
  });

  it.each([
    "[Tool call interrupted: the session ended before this call's result was recorded]",
    '[Tool call result not in this copy: this session was copied from another session]',
  ])('makes a call again, under another id, that resulted in %j', async (result) => {
    model = await startScriptedModel({ script });
    const first = await answer([prompt]);
    const again = await answer([prompt, called(first), resulted(first, result)]);
    expect(again).toMatchObject({ input: { command: 'echo 1' } });
    expect(again['id']).not.toBe(first['id']);
  });

  it('goes on after a text of its own, and repeats its last word', async () => {
    model = await startScriptedModel({ script: [{ say: 'Half.' }, { say: 'Done.' }] });
    const half = called({ type: 'text', text: 'Half.' });
    expect(await answer([prompt, half, prompt])).toMatchObject({ text: 'Done.' });
    const done = called({ type: 'text', text: 'Done.' });
    expect(await answer([prompt, half, prompt, done, prompt])).toMatchObject({ text: 'Done.' });
  });

  it('calls a tool by its name', async () => {
    model = await startScriptedModel({ script: [{ tool: 'Read', input: { file_path: '/a' } }] });
    expect(await answer([prompt])).toMatchObject({ name: 'Read', input: { file_path: '/a' } });
  });

  it('streams the answer that it gives whole', async () => {
    model = await startScriptedModel({ script });
    const body = { model: 'm', messages: [prompt], tools: messagesTools, stream: true };
    const events = await eventsOf(await ask('/v1/messages', body));
    expect(events.map(({ type }) => type)).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(events[1]).toMatchObject({ content_block: { type: 'tool_use', name: 'Bash', input: {} } });
    const { partial_json } = events[2]!['delta'] as { partial_json: string };
    expect(JSON.parse(partial_json)).toMatchObject({ command: 'echo 1' });
    expect(events[4]).toMatchObject({ delta: { stop_reason: 'tool_use' } });
  });

  it('says a short text to whoever cannot run commands, and counts tokens', async () => {
    model = await startScriptedModel({ script });
    expect(await answer([prompt], [])).toMatchObject({ type: 'text' });
    expect(model.requests()).toMatchObject([{ isAside: true }]);
    expect(await (await ask('/v1/messages/count_tokens', {})).json()).toEqual({ input_tokens: 10 });
  });
});

describe('over the Responses API, a scripted model', () => {
  const begin = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Begin.' }] };

  /** The item that it answers, from the stream. */
  async function item(input: readonly Loose[]): Promise<Loose> {
    const response = await ask('/v1/responses', { model: 'm', input, tools: responsesTools, stream: true });
    const events = await eventsOf(response);
    expect(events.at(0)).toMatchObject({ type: 'response.created' });
    expect(events.at(-1)).toMatchObject({ type: 'response.completed', response: { status: 'completed' } });
    return events.find(({ type }) => type === 'response.output_item.done')!['item'] as Loose;
  }

  const output = ({ call_id }: Loose, output: string) => ({ type: 'function_call_output', call_id, output });
  const argumentsOf = (call: Loose) => JSON.parse(String(call['arguments'])) as Loose;

  it('goes on where the conversation is, with the tool of Codex', async () => {
    model = await startScriptedModel({ script });
    const first = await item([begin]);
    expect(first).toMatchObject({ type: 'function_call', name: 'exec_command' });
    expect(argumentsOf(first)).toMatchObject({ cmd: 'echo 1' });
    const second = await item([begin, first, output(first, 'ok')]);
    expect(argumentsOf(second)).toMatchObject({ cmd: 'echo 2' });
    const last = await item([begin, first, output(first, 'ok'), second, output(second, 'ok')]);
    expect(last).toMatchObject({ type: 'message', content: [{ text: 'Done.' }] });
  });

  it('makes a call again that was aborted', async () => {
    model = await startScriptedModel({ script });
    const first = await item([begin]);
    expect(argumentsOf(await item([begin, first, output(first, 'aborted')]))).toMatchObject({
      cmd: 'echo 1',
    });
  });

  it('waits for a command that runs longer than Codex waits', async () => {
    model = await startScriptedModel({ script });
    const first = await item([begin]);
    const running = output(first, 'Wall time: 30 seconds\nProcess running with session ID 42\nOutput:\n');
    const waiting = await item([begin, first, running]);
    expect(waiting).toMatchObject({ name: 'write_stdin' });
    expect(argumentsOf(waiting)).toMatchObject({ session_id: 42 });
    const ended = output(waiting, 'Process exited with code 0');
    expect(argumentsOf(await item([begin, first, running, waiting, ended]))).toMatchObject({ cmd: 'echo 2' });
  });

  it('calls a tool that takes free text', async () => {
    model = await startScriptedModel({ script: [{ tool: 'apply_patch', input: '*** Begin' }] });
    expect(await item([begin])).toMatchObject({
      type: 'custom_tool_call',
      name: 'apply_patch',
      input: '*** Begin',
    });
  });
});

describe('the requests of a scripted model', () => {
  it('tell what the conversation held', async () => {
    model = await startScriptedModel({ script });
    const first = await answer([prompt]);
    await answer([prompt, called(first), resulted(first, [{ type: 'text', text: 'one' }])]);
    expect(model.requests()).toMatchObject([
      { api: 'messages', messageCount: 1, roles: ['user'], finishedSteps: [], toolResultCount: 0 },
      {
        messageCount: 3,
        roles: ['user', 'assistant', 'tool'],
        finishedSteps: ['step-1'],
        toolResultCount: 1,
      },
    ]);
    const { text } = model.requests()[1]!;
    for (const part of ['Begin.', 'echo 1', 'one']) expect(text).toContain(part);
  });

  it('are waited for, those of the past too', async () => {
    model = await startScriptedModel({ script });
    const coming = model.waitForRequest(({ text }) => text.includes('Begin.'));
    await answer([prompt]);
    expect(await coming).toBe(model.requests()[0]);
    expect(await model.waitForRequest()).toBe(model.requests()[0]);
  });

  it('are named when the one that was waited for did not come', async () => {
    model = await startScriptedModel({ script });
    await answer([prompt], []);
    await answer([prompt]);
    const waiting = model.waitForRequest(({ finishedSteps }) => finishedSteps.length > 0, 50);
    await expect(waiting).rejects.toThrow('1 messages, after no step');
  });

  it('decide the script, where it is a function', async () => {
    model = await startScriptedModel({ script: ({ text }) => [{ say: `You said ${text}` }] });
    expect(await answer([prompt])).toMatchObject({ text: 'You said Begin.' });
  });
});
