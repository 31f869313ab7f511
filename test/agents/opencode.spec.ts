/** What Patchpoint relies on in opencode, seen with the real program (docs/agents-tried.md). */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { BUILT_IN_RUNNERS, invocationEnvironment } from '#agents';
import type { Unattended } from '#contracts';
import { startScriptedModel, type ModelRequest } from '#scripted';
import { temporaryFolder } from '#testing';
import {
  killAgentWhen,
  runAgent,
  UNTIL_KILLED,
  type AgentCommand,
  type AgentResult,
} from './testing/agent-process.js';
import { Opencode } from './testing/opencode.js';
import { useTwoSteps } from './testing/two-steps.js';

const steps = useTwoSteps();
let opencode: Opencode;

beforeEach(() => {
  opencode = new Opencode(steps.model);
});

async function requestsOf(command: AgentCommand): Promise<AgentResult & { requests: ModelRequest[] }> {
  const before = steps.model.requests().length;
  const result = await runAgent(command);
  const requests = steps.model.requests().slice(before);
  return { ...result, requests: requests.filter(({ isAside }) => !isAside) };
}

const sessionOf = ({ lines }: AgentResult): string => String(lines[0]!['sessionID']);

describe('opencode', () => {
  it('works unattended, names its session first, and ends with exit code 0', async () => {
    const result = await requestsOf(opencode.run());
    expect(result.exitCode).toBe(0);
    expect(readdirSync(opencode.cwd).sort()).toEqual(['one', 'two']);
    expect(result.lines[0]).toMatchObject({
      type: 'step_start',
      sessionID: expect.stringMatching(/^ses_\w+$/),
    });
    expect(result.requests[0]!.text).toContain('Go on.');
    expect(result.requests.every(({ sessionId }) => sessionId === sessionOf(result))).toBe(true);
  });

  it('exports what was said until it was killed, and goes on elsewhere with that alone', async () => {
    steps.second = `echo yes > running; ${UNTIL_KILLED}`;
    await killAgentWhen(opencode.run(), () => join(opencode.cwd, 'running'), 'yes');
    const sessionId = steps.model.requests().find(({ isAside }) => !isAside)!.sessionId!;
    const { stdout, exitCode } = await runAgent(opencode.command('export', sessionId));
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ info: { id: sessionId }, messages: expect.any(Array) });

    steps.second = 'echo 2 > two';
    const other = new Opencode(steps.model);
    const file = join(temporaryFolder(), 'exported.json');
    writeFileSync(file, stdout);
    expect((await runAgent(other.command('import', file))).exitCode).toBe(0);
    const { requests, ...result } = await requestsOf(other.run('--session', sessionId));
    expect(result.exitCode).toBe(0);
    expect(sessionOf(result)).toBe(sessionId);
    expect(requests[0]).toMatchObject({ finishedSteps: ['step-1'], sessionId });
    expect(requests[0]!.text).toContain('the first output');
    expect(readdirSync(other.cwd)).toEqual(['two']);
  });

  it('refuses an unknown session, and asks nothing', async () => {
    const { exitCode, stderr, requests } = await requestsOf(opencode.run('--session', 'ses_unknown'));
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Session not found');
    expect(requests).toEqual([]);
    expect((await runAgent(opencode.command('export', 'ses_unknown'))).exitCode).toBe(1);
  });

  it.each(['', '{"info": {"id": "ses_a"'])('refuses to import %j', async (text) => {
    const file = join(temporaryFolder(), 'exported.json');
    writeFileSync(file, text);
    expect((await runAgent(opencode.command('import', file))).exitCode).toBe(1);
  });
});

describe('what opencode may do without a way to ask', () => {
  const handover = temporaryFolder();
  const runner = BUILT_IN_RUNNERS['opencode']!;
  let outside: string;

  /** The steps that did what they were to do, and whether the turn went on to its end. */
  async function allowed(args: readonly string[], environment: Record<string, string>) {
    await steps.model.stop();
    outside = temporaryFolder();
    const handedOver = join(handover, 'brief.md');
    writeFileSync(handedOver, 'of the daemon');
    writeFileSync(join(outside, 'read'), 'of another place');
    const inside = join(opencode.cwd, 'edit');
    steps.model = await startScriptedModel({
      script: [
        { name: 'edit', tool: 'write', input: { filePath: inside, content: '1' } },
        { name: 'command', run: 'echo 1 > command' },
        { name: 'handed-over', tool: 'read', input: { filePath: handedOver } },
        { name: 'redirect-outside', run: `echo 1 > ${join(outside, 'redirect')}` },
        { name: 'edit-outside', tool: 'write', input: { filePath: join(outside, 'edit'), content: '1' } },
        { name: 'copy-outside', run: `cp command ${join(outside, 'copy')}` },
        { name: 'read-outside', tool: 'read', input: { filePath: join(outside, 'read') } },
        { say: 'All is done.' },
      ],
    });
    const command = new Opencode(steps.model, opencode).run(...args);
    const result = await requestsOf({ ...command, environment: { ...command.environment, ...environment } });
    expect(result.exitCode).toBe(0);
    const did = {
      edit: existsSync(inside),
      command: existsSync(join(opencode.cwd, 'command')),
      'handed-over': result.stdout.includes('of the daemon'),
      'redirect-outside': existsSync(join(outside, 'redirect')),
      'edit-outside': existsSync(join(outside, 'edit')),
      'copy-outside': existsSync(join(outside, 'copy')),
      'read-outside': result.stdout.includes('of another place'),
    };
    return {
      tools: steps.model.requests().at(-1)!.tools,
      done: Object.entries(did).flatMap(([name, isDone]) => (isDone ? [name] : [])),
      finished: result.stdout.includes('All is done.'),
    };
  }

  const chosen = (unattended: Unattended) =>
    allowed(
      runner.permissions![unattended],
      invocationEnvironment(runner, {
        plan: '',
        planFile: join(handover, 'plan'),
        resumed: false,
        continues: false,
        unattended,
      }),
    );

  it('ends the turn at the first step outside, with exit code 0, where nothing is said', async () => {
    expect(await allowed([], {})).toMatchObject({ done: ['edit', 'command'], finished: false });
  });

  it('is to work inside, and to go on when something outside is refused, with worktree', async () => {
    const done = ['edit', 'command', 'handed-over', 'redirect-outside'];
    expect(await chosen('worktree')).toMatchObject({ done, finished: true });
  });

  it('is everything with full', async () => {
    const { done, finished } = await chosen('full');
    expect({ count: done.length, finished }).toEqual({ count: 7, finished: true });
  });

  it('is neither to edit nor to run anything with ask-nothing', async () => {
    const { done, tools } = await chosen('ask-nothing');
    expect(done).toEqual([]);
    expect(tools).toContain('read');
    expect(tools.filter((tool) => ['bash', 'edit', 'write', 'patch'].includes(tool))).toEqual([]);
  });
});
