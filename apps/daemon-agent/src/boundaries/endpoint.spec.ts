import { execFile, execFileSync } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { packageFolder } from '#runtime';
import { Endpoint } from './endpoint.js';
import { hearSteps, type Steps } from './hear-steps.js';

const NEVER = new Promise<never>(() => undefined);

describe('the endpoint of a task', () => {
  let endpoint: Endpoint;
  beforeEach(() => {
    endpoint = new Endpoint();
  });
  afterEach(() => endpoint.stop());

  const post = (url: string, body: unknown): Promise<Response> =>
    fetch(url, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });

  it('hears each task at an address of its own, and nobody at another', async () => {
    const heard: [string, unknown][] = [];
    const [one, two] = await Promise.all(
      ['one', 'two'].map((name) => endpoint.open(async (step) => void heard.push([name, step]))),
    );
    expect((await post(one!.url, { a: 1 })).status).toBe(204);
    expect((await post(two!.url, { b: 2 })).status).toBe(204);
    expect((await post(`${new URL(one!.url).origin}/guess`, {})).status).toBe(404);
    expect((await fetch(one!.url)).status).toBe(404);
    one!.close();
    expect((await post(one!.url, { late: 1 })).status).toBe(404);
    expect(heard).toEqual([
      ['one', { a: 1 }],
      ['two', { b: 2 }],
    ]);
  });

  it.each<[string, () => Promise<void>]>([
    ['hangs', () => NEVER],
    ['fails', () => Promise.reject(new Error('no disk'))],
  ])('lets the agent go on when what follows %s', async (_, onStep) => {
    const { url } = await endpoint.open(onStep);
    expect((await post(url, { hook_event_name: 'Stop' })).status).toBe(204);
  });

  it.each([['not json'], ['null'], ['[]'], ['{"hook_event_name": 5}'], ['"Stop"'], ['x'.repeat(2_000_000)]])(
    'makes nothing of %.20j',
    async (body) => {
      let captured = 0;
      const steps = hearSteps(async () => void (captured += 1));
      const { url } = await endpoint.open(steps.hear);
      expect((await post(url, body)).status).toBe(204);
      expect(captured).toBe(0);
    },
  );

  it('survives a program that says half of something and leaves', async () => {
    const { url } = await endpoint.open(async () => undefined);
    const { port, pathname } = new URL(url);
    const socket = connect(Number(port), '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.write(`POST ${pathname} HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{"half`);
    socket.destroy();
    expect((await post(url, {})).status).toBe(204);
  });

  it('is reached by the program for hooks that are commands, which never fails', async () => {
    const heard: unknown[] = [];
    const { url } = await endpoint.open(async (step) => void heard.push(step));
    const program = join(packageFolder(), 'dist/libs/agents/src/hook-program.js');
    const run = promisify(execFile)(process.execPath, [program], { env: { PATCHPOINT_ENDPOINT: url } });
    run.child.stdin!.end('{"hook_event_name":"Stop"}');
    expect(await run).toEqual({ stdout: '', stderr: '' });
    expect(heard).toEqual([{ hook_event_name: 'Stop' }]);
    for (const env of [{}, { PATCHPOINT_ENDPOINT: 'http://127.0.0.1:1/gone' }]) {
      expect(execFileSync(process.execPath, [program], { env, input: '{}' }).toString()).toBe('');
    }
  });
});

describe('the steps of an agent', () => {
  const orders: string[] = [];
  let steps: Steps;
  beforeEach(() => {
    orders.length = 0;
    steps = hearSteps(async ({ kind, message }) => void orders.push(message ?? kind));
  });
  afterEach(() => steps.stop());

  it.each<[object, string[]]>([
    [{ hook_event_name: 'Stop' }, ['turn']],
    [{ hook_event_name: 'SessionEnd' }, ['turn']],
    [{ hook_event_name: 'PreCompact' }, ['pre-compact']],
    [
      { hook_event_name: 'PreToolUse', tool_input: { command: 'git reset --hard' } },
      ['Before: git reset --hard'],
    ],
    [{ hook_event_name: 'PreToolUse', tool_input: { command: ['rm', '-rf', 'a'] } }, ['Before: rm -rf a']],
    [{ hook_event_name: 'PreToolUse', tool_input: { cmd: 'rm -rf  a\n' } }, ['Before: rm -rf a']],
    [{ hook_event_name: 'PreToolUse', tool_input: { command: 'ls' } }, []],
    [{ hook_event_name: 'PreToolUse', tool_input: { file_path: 'a' } }, []],
    [{ hook_event_name: 'PostToolUse' }, []],
    [{ hook_event_name: 'UserPromptSubmit' }, []],
  ])('%j is followed by %j at once', async (step, expected) => {
    await steps.hear(step);
    expect(orders).toEqual(expected);
  });

  it('hold the agent only before what destroys', async () => {
    let captured: () => void = () => undefined;
    const slow = hearSteps(() => new Promise<void>((resolve) => (captured = resolve)));
    await slow.hear({ hook_event_name: 'Stop' });
    let goesOn = false;
    const held = slow
      .hear({ hook_event_name: 'PreToolUse', tool_input: { command: 'git clean -fd' } })
      .then(() => (goesOn = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(goesOn).toBe(false);
    captured();
    await held;
  });
});
