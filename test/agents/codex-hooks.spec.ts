/** What the hooks of the runner `codex` rely on, seen with the real program. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startScriptedModel, type ScriptedModel } from '#scripted';
import { runAgent } from './testing/agent-process.js';
import { Codex, UNSANDBOXED } from './testing/codex.js';

const EVENTS = ['SessionStart', 'UserPromptSubmit', 'PreToolUse', 'PostToolUse', 'Stop', 'SessionEnd'];

let model: ScriptedModel;
let codex: Codex;

beforeEach(async () => {
  model = await startScriptedModel({ script: [{ run: 'echo 1 > one' }, { say: 'Done.' }] });
  codex = new Codex(model);
});
afterEach(() => model.stop());

/** Runs it with this command as a hook for each event. */
function runWith(command: string, ...args: string[]) {
  const hooks = EVENTS.flatMap((event) => [
    '-c',
    `hooks.${event}=[{hooks=[{type="command",command=${JSON.stringify(command)},timeout=2}]}]`,
  ]);
  return runAgent(codex.start(UNSANDBOXED, ...args, ...hooks));
}

const log = () => join(codex.home, 'events');
const logging = () => `cat >> ${log()}; echo >> ${log()}`;

function logged(): Record<string, unknown>[] {
  const lines = readFileSync(log(), 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('command hooks of Codex', () => {
  it('are not run, and it says nothing of it, unless their trust is bypassed', async () => {
    expect((await runWith(logging())).exitCode).toBe(0);
    expect(existsSync(log())).toBe(false);
  });

  it('get each event on standard input, in order, with what it is about', async () => {
    expect((await runWith(logging(), '--dangerously-bypass-hook-trust')).exitCode).toBe(0);
    expect(logged().map(({ hook_event_name }) => hook_event_name)).toEqual(EVENTS);
    for (const call of logged()) {
      expect(call).toMatchObject({
        session_id: codex.threadId(),
        transcript_path: codex.rollout(),
        cwd: codex.cwd,
      });
    }
    expect(logged()[2]).toMatchObject({ tool_name: 'Bash', tool_input: { command: 'echo 1 > one' } });
  });

  it.each([['sleep 600'], ['exit 1'], ['/no/such/program'], ['echo rubbish']])(
    'hinder nothing with %s',
    async (command) => {
      expect((await runWith(command, '--dangerously-bypass-hook-trust')).exitCode).toBe(0);
      expect(readdirSync(codex.cwd)).toEqual(['one']);
    },
  );
});
