/** What the hooks of the runner `claude-code` rely on, seen with the real program. */
import type { ServerResponse } from 'node:http';
import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startScriptedModel, type ScriptedModel } from '#scripted';
import { HookServer } from '../../libs/scripted/testing/hook-server.js';
import { runAgent } from './testing/agent-process.js';
import { ClaudeCode } from './testing/claude-code.js';

const UNATTENDED = ['--permission-mode', 'bypassPermissions'] as const;
const EVENTS = ['UserPromptSubmit', 'PreToolUse', 'PostToolUse', 'Stop', 'SessionEnd'];

let model: ScriptedModel;
let claude: ClaudeCode;
let server: HookServer;

beforeEach(async () => {
  model = await startScriptedModel({ script: [{ run: 'echo 1 > one' }, { say: 'Done.' }] });
  claude = new ClaudeCode(model);
  server = await HookServer.start();
});
afterEach(async () => {
  await server.stop();
  await model.stop();
});

/** A settings file with an http hook for each event. Without a timeout, one that hangs blocks for minutes. */
function settings(...events: string[]): string {
  const headers = { 'x-secret': '$TASK_SECRET' };
  const hook = { type: 'http', url: server.url, timeout: 2, headers, allowedEnvVars: ['TASK_SECRET'] };
  return claude.settings({
    hooks: Object.fromEntries(
      events.map((event) => [event, [{ matcher: event.endsWith('ToolUse') ? 'Bash' : '', hooks: [hook] }]]),
    ),
  });
}

function withHooks(...events: string[]) {
  const command = claude.start(...UNATTENDED, '--settings', settings(...events));
  return { ...command, environment: { ...command.environment, TASK_SECRET: 's3' } };
}

describe('http hooks of Claude Code', () => {
  it('are asked at each event, in order, with what it is about and the secret of the environment', async () => {
    expect((await runAgent(withHooks(...EVENTS))).exitCode).toBe(0);
    expect(server.events()).toEqual(EVENTS);
    for (const call of server.calls) {
      expect(call).toMatchObject({
        session_id: claude.sessionId,
        transcript_path: claude.transcript,
        cwd: claude.cwd,
        headers: { 'x-secret': 's3' },
      });
    }
    expect(server.calls[1]).toMatchObject({ tool_name: 'Bash', tool_input: { command: 'echo 1 > one' } });
  });

  it('are asked before a compaction', async () => {
    await runAgent(claude.start(...UNATTENDED));
    const compaction = claude.resume(...UNATTENDED, '--settings', settings('PreCompact'));
    expect((await runAgent({ ...compaction, prompt: '/compact' })).exitCode).toBe(0);
    expect(server.calls).toMatchObject([{ hook_event_name: 'PreCompact', trigger: 'manual' }]);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['hang, with a timeout', () => {}],
    ['answer an error', (response) => response.writeHead(500).end()],
    ['answer rubbish', (response) => response.end('<html>')],
    ['cut the connection', (response) => response.destroy()],
  ])('hinder nothing when they %s', async (_, badly) => {
    server.respond = badly;
    expect((await runAgent(withHooks(...EVENTS))).exitCode).toBe(0);
    expect(server.events()).toContain('PreToolUse');
    expect(readdirSync(claude.cwd)).toEqual(['one']);
  });

  it('hinder nothing when nobody listens', async () => {
    const command = withHooks(...EVENTS);
    await server.stop();
    expect((await runAgent(command)).exitCode).toBe(0);
    expect(readdirSync(claude.cwd)).toEqual(['one']);
    server = await HookServer.start();
  });
});
