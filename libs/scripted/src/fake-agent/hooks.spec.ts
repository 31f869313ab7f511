import { createServer, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeAgentUnderTest } from '../../testing/fake-agent-under-test.js';
import { startScriptedModel, type ScriptedModel } from '../model/start-scripted-model.js';

interface Received {
  hook_event_name: string;
  secret: string | undefined;
  [field: string]: unknown;
}

const EVENTS = ['UserPromptSubmit', 'PreToolUse', 'PostToolUse', 'PreCompact', 'Stop', 'SessionEnd'];

let model: ScriptedModel;
let agent: FakeAgentUnderTest;
let server: Server;
let received: Received[];
let respond: (response: ServerResponse) => void;

beforeEach(async () => {
  model = await startScriptedModel({ script: [{ run: 'echo 1 > one' }, { say: 'Done.' }] });
  agent = new FakeAgentUnderTest(model);
  received = [];
  respond = (response) => response.end('{}');
  server = createServer(async (request, response) => {
    const body = (await json(request)) as Received;
    received.push({ ...body, secret: request.headers['x-secret'] as string | undefined });
    respond(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await model.stop();
});

const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

const didTheWork = () => existsSync(join(agent.cwd, 'one'));

/** Runs the agent with this hook for these events. */
async function runWith(hook: object, events: readonly string[], matcher?: string) {
  const settings = agent.settings(
    Object.fromEntries(events.map((event) => [event, [{ matcher, hooks: [hook] }]])),
  );
  return agent.start({ SECRET: 's3', OTHER: 'o', FAKE_AGENT_COMPACT_AFTER: '1' }, '--settings', settings);
}

describe('http hooks of a fake agent', () => {
  it('are asked at each event, in order, with what it is about', async () => {
    expect((await runWith({ type: 'http', url: url(), timeout: 5 }, EVENTS)).exitCode).toBe(0);
    expect(received.map(({ hook_event_name }) => hook_event_name)).toEqual(EVENTS);
    for (const fields of received) {
      expect(fields).toMatchObject({
        session_id: agent.sessionId,
        transcript_path: agent.transcript,
        cwd: agent.cwd,
      });
    }
    expect(received[1]).toMatchObject({ tool_name: 'run', tool_input: { command: 'echo 1 > one' } });
    expect(received[3]).toMatchObject({ trigger: 'auto' });
  });

  it('carry the variables that they may, and no other', async () => {
    const headers = { 'x-secret': 'a $SECRET b ${SECRET} c $OTHER' };
    await runWith({ type: 'http', url: url(), headers, allowedEnvVars: ['SECRET'] }, ['Stop']);
    expect(received).toMatchObject([{ secret: 'a s3 b s3 c' }]);
  });

  it('are asked for the tools that they match', async () => {
    await runWith({ type: 'http', url: url() }, ['PreToolUse'], 'Edit|Write');
    expect(received).toEqual([]);
  });

  it('deny a tool call with their answer', async () => {
    const hookSpecificOutput = { permissionDecision: 'deny', permissionDecisionReason: 'Not now.' };
    respond = (response) => response.end(JSON.stringify({ hookSpecificOutput }));
    await runWith({ type: 'http', url: url() }, ['PreToolUse']);
    expect(didTheWork()).toBe(false);
    expect(model.requests().at(-1)!.text).toContain('Not now.');
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['answer an error', (response) => response.writeHead(500).end('{"decision":"block"}')],
    ['answer rubbish', (response) => response.end('<html>')],
    ['cut the connection', (response) => response.destroy()],
  ])('hinder nothing when they %s', async (_, badly) => {
    respond = badly;
    const { exitCode } = await runWith({ type: 'http', url: url() }, EVENTS);
    expect(exitCode).toBe(0);
    expect(received).toHaveLength(EVENTS.length);
    expect(didTheWork()).toBe(true);
  });

  it('hinder nothing for longer than their timeout when they hang', async () => {
    respond = () => {};
    const { exitCode } = await runWith({ type: 'http', url: url(), timeout: 1 }, ['PreToolUse']);
    expect(exitCode).toBe(0);
    expect(didTheWork()).toBe(true);
  });
});

describe('command hooks of a fake agent', () => {
  it('get the event on standard input', async () => {
    await runWith({ type: 'command', command: 'cat >> events; echo >> events' }, EVENTS);
    const lines = readFileSync(join(agent.cwd, 'events'), 'utf8').split('\n').filter(Boolean);
    expect(lines.map((line) => (JSON.parse(line) as Received).hook_event_name)).toEqual(EVENTS);
  });

  it('deny a tool call with exit code 2', async () => {
    await runWith({ type: 'command', command: 'echo Not now. >&2; exit 2' }, ['PreToolUse']);
    expect(didTheWork()).toBe(false);
    expect(model.requests().at(-1)!.text).toContain('Not now.');
  });

  it.each([['sleep 600'], ['exit 1'], ['/no/such/program'], ['echo rubbish']])(
    'hinder nothing with %s',
    async (command) => {
      const { exitCode } = await runWith({ type: 'command', command, timeout: 0.2 }, EVENTS);
      expect(exitCode).toBe(0);
      expect(didTheWork()).toBe(true);
    },
  );
});
