/** What Patchpoint relies on in gemini-cli, seen with the real program (docs/agents-tried.md). */
import { randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { BUILT_IN_RUNNERS } from '#agents';
import type { Unattended } from '#contracts';
import { startScriptedModel } from '#scripted';
import { temporaryFolder } from '#testing';
import { killAgentWhen, runAgent, UNTIL_KILLED, type AgentCommand } from './testing/agent-process.js';
import { geminiCliEnvironment } from './testing/gemini-cli.js';
import { useTwoSteps } from './testing/two-steps.js';

const ARGS = ['--skip-trust', '--output-format', 'stream-json'] as const;
const YOLO = ['--approval-mode', 'yolo'] as const;

const steps = useTwoSteps();

/** A home, and a working directory of the same name on each machine. */
class Machine {
  readonly home = temporaryFolder();
  readonly cwd = join(temporaryFolder(), 'worktree');

  constructor() {
    mkdirSync(this.cwd);
  }

  gemini(...args: string[]): AgentCommand {
    const environment = geminiCliEnvironment(steps.model, this.home);
    return { program: 'gemini', args: [...ARGS, ...args], environment, cwd: this.cwd, prompt: 'Go on.' };
  }

  chats(): string[] {
    const chats = join(this.home, '.gemini/tmp/worktree/chats');
    return readdirSync(chats).map((name) => join(chats, name));
  }
}

const work = (index = 0) => steps.model.requests().filter(({ isAside }) => !isAside)[index]!;

describe('gemini-cli', () => {
  it('works unattended under the id that it is given, and ends with exit code 0', async () => {
    const machine = new Machine();
    const id = randomUUID();
    const { exitCode, lines } = await runAgent(machine.gemini('--session-id', id, ...YOLO));
    expect(exitCode).toBe(0);
    expect(lines[0]).toMatchObject({ type: 'init', session_id: id });
    expect(readdirSync(machine.cwd).sort()).toEqual(['one', 'two']);
    expect(work().text).toContain('Go on.');
  });

  it('only ever appends to its one file, and goes on elsewhere with that alone', async () => {
    const machine = new Machine();
    const id = randomUUID();
    steps.second = `echo yes > running; ${UNTIL_KILLED}`;
    const running = () => join(machine.cwd, 'running');
    await killAgentWhen(machine.gemini('--session-id', id, ...YOLO), running, 'yes');
    const [chat, ...others] = machine.chats();
    expect(others).toEqual([]);
    const asked = steps.model.requests().filter(({ isAside }) => !isAside).length;

    steps.second = 'echo 2 > two';
    const other = new Machine();
    const there = chat!.replace(machine.home, other.home);
    mkdirSync(dirname(there), { recursive: true });
    copyFileSync(chat!, there);
    const { exitCode } = await runAgent(other.gemini('--resume', id, ...YOLO));
    expect(exitCode).toBe(0);
    expect(work(asked).finishedSteps).toContain('step-1');
    expect(work(asked).text).toContain('the first output');
    expect(readdirSync(other.cwd)).toEqual(['two']);
    expect(other.chats()).toEqual([there]);
    const before = readFileSync(chat!);
    expect(readFileSync(there).subarray(0, before.length).equals(before)).toBe(true);
  });

  it('refuses an unknown session, and asks nothing', async () => {
    const { exitCode, stderr } = await runAgent(new Machine().gemini('--resume', randomUUID(), ...YOLO));
    expect(exitCode).toBe(42);
    expect(stderr).toContain('Error resuming session');
    expect(steps.model.requests()).toEqual([]);
  });
});

describe('what gemini-cli may do without a way to ask', () => {
  /** The steps that did what they were to do. */
  async function allowed(unattended: Unattended) {
    await steps.model.stop();
    const machine = new Machine();
    const [handover, outside] = [temporaryFolder(), temporaryFolder()];
    writeFileSync(join(handover, 'brief.md'), 'of the daemon');
    writeFileSync(join(outside, 'read'), 'of another place');
    const inside = join(machine.cwd, 'edit');
    steps.model = await startScriptedModel({
      script: [
        { name: 'edit', tool: 'write_file', input: { file_path: inside, content: '1' } },
        { name: 'command', run: 'echo 1 > command' },
        { name: 'handed-over', tool: 'read_file', input: { file_path: join(handover, 'brief.md') } },
        { name: 'command-outside', run: `echo 1 > ${join(outside, 'command')}` },
        {
          name: 'edit-outside',
          tool: 'write_file',
          input: { file_path: join(outside, 'edit'), content: '1' },
        },
        { name: 'read-outside', tool: 'read_file', input: { file_path: join(outside, 'read') } },
        { say: 'All is done.' },
      ],
    });
    const permissions = BUILT_IN_RUNNERS['gemini-cli']!.permissions![unattended];
    const command = machine.gemini('--include-directories', handover, ...permissions);
    expect((await runAgent(command)).exitCode).toBe(0);
    const { text, tools } = steps.model.requests().at(-1)!;
    const did = {
      edit: existsSync(inside),
      command: existsSync(join(machine.cwd, 'command')),
      'handed-over': text.includes('of the daemon'),
      'command-outside': existsSync(join(outside, 'command')),
      'edit-outside': existsSync(join(outside, 'edit')),
      'read-outside': text.includes('of another place'),
    };
    return { tools, done: Object.entries(did).flatMap(([name, isDone]) => (isDone ? [name] : [])) };
  }

  it.each(['worktree', 'full'] as const)(
    'is to edit inside and to run any command with %s',
    async (choice) => {
      const { done } = await allowed(choice);
      expect(done).toEqual(['edit', 'command', 'handed-over', 'command-outside']);
    },
  );

  it('is neither to edit nor to run anything with ask-nothing', async () => {
    const { done, tools } = await allowed('ask-nothing');
    expect(done).toEqual([]);
    expect(tools).toContain('read_file');
    expect(tools).not.toEqual(expect.arrayContaining(['run_shell_command']));
    expect(tools.filter((tool) => ['write_file', 'replace'].includes(tool))).toEqual([]);
  });
});
