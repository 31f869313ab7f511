import type { ServerResponse } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeAgentUnderTest } from '../../testing/fake-agent-under-test.js';
import { HookServer, type HookCall } from '../../testing/hook-server.js';
import { startScriptedModel, type ScriptedModel } from '../model/start-scripted-model.js';

const EVENTS = ['UserPromptSubmit', 'PreToolUse', 'PostToolUse', 'PreCompact', 'Stop', 'SessionEnd'];

let model: ScriptedModel;
let agent: FakeAgentUnderTest;
let server: HookServer;

beforeEach(async () => {
  model = await startScriptedModel({ script: [{ run: 'echo 1 > one' }, { say: 'Done.' }] });
  agent = new FakeAgentUnderTest(model);
  server = await HookServer.start();
});
afterEach(async () => {
  await server.stop();
  await model.stop();
});

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
    expect((await runWith({ type: 'http', url: server.url }, EVENTS)).exitCode).toBe(0);
    expect(server.events()).toEqual(EVENTS);
    for (const fields of server.calls) {
      expect(fields).toMatchObject({
        session_id: agent.sessionId,
        transcript_path: agent.transcript,
        cwd: agent.cwd,
      });
    }
    expect(server.calls[1]).toMatchObject({ tool_name: 'run', tool_input: { command: 'echo 1 > one' } });
    expect(server.calls[3]).toMatchObject({ trigger: 'auto' });
  });

  it('carry the variables that they may, and no other', async () => {
    const headers = { 'x-secret': 'a $SECRET b ${SECRET} c $OTHER' };
    await runWith({ type: 'http', url: server.url, headers, allowedEnvVars: ['SECRET'] }, ['Stop']);
    expect(server.calls).toMatchObject([{ headers: { 'x-secret': 'a s3 b s3 c' } }]);
  });

  it('are asked for the tools that they match', async () => {
    await runWith({ type: 'http', url: server.url }, ['PreToolUse'], 'Edit|Write');
    expect(server.calls).toEqual([]);
  });

  it('deny a tool call with their answer', async () => {
    const hookSpecificOutput = { permissionDecision: 'deny', permissionDecisionReason: 'Not now.' };
    server.respond = (response) => response.end(JSON.stringify({ hookSpecificOutput }));
    await runWith({ type: 'http', url: server.url }, ['PreToolUse']);
    expect(didTheWork()).toBe(false);
    expect(model.requests().at(-1)!.text).toContain('Not now.');
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['answer an error', (response) => response.writeHead(500).end('{"decision":"block"}')],
    ['answer rubbish', (response) => response.end('<html>')],
    ['cut the connection', (response) => response.destroy()],
  ])('hinder nothing when they %s', async (_, badly) => {
    server.respond = badly;
    const { exitCode } = await runWith({ type: 'http', url: server.url }, EVENTS);
    expect(exitCode).toBe(0);
    expect(server.calls).toHaveLength(EVENTS.length);
    expect(didTheWork()).toBe(true);
  });

  it('hinder nothing for longer than their timeout when they hang', async () => {
    server.respond = () => {};
    const { exitCode } = await runWith({ type: 'http', url: server.url, timeout: 1 }, ['PreToolUse']);
    expect(exitCode).toBe(0);
    expect(didTheWork()).toBe(true);
  });
});

describe('command hooks of a fake agent', () => {
  it('get the event on standard input', async () => {
    await runWith({ type: 'command', command: 'cat >> events; echo >> events' }, EVENTS);
    const lines = readFileSync(join(agent.cwd, 'events'), 'utf8').split('\n').filter(Boolean);
    expect(lines.map((line) => (JSON.parse(line) as HookCall).hook_event_name)).toEqual(EVENTS);
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
