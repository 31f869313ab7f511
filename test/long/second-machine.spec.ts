import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { packageFolder } from '#runtime';
import { fakeAgentProgram, startScriptedModel, type ScriptedModel, type Step } from '#scripted';
import { temporaryFolder } from '#testing';
import { commandsOf, readDocument } from '../testing/documents.js';
import { openTerminal, type Terminal } from '../testing/terminal.js';

const DOCUMENT = 'docs/agents.md';
const folder = temporaryFolder();
const programs = temporaryFolder();

/** The commands of the section, with what is the test's in the place of what is a reader's. */
const [start, run, , token, restore, goOn] = commandsUnder('From one machine to another');

let model: ScriptedModel;
let up: Terminal;
let last: Step = { run: 'while kill -0 $PPID 2> /dev/null; do sleep 0.2; done' };

beforeAll(async () => {
  writeFakeClaude(join(programs, 'claude'));
  model = await startScriptedModel({
    script: () => [
      { run: 'echo one > first.txt; echo the first output' },
      last,
      { say: 'The login is fixed.' },
    ],
  });
  expect(start).toBe('npm start -- --port 8080');
  up = openTerminal('exec node dist/apps/cli/src/main.js up --port 0', environmentOf('laptop'));
  await up.says(/Ctrl-C/);
}, 120_000);
afterAll(async () => {
  expect(await up.interrupt()).toBe(0);
  await model.stop();
}, 120_000);

describe('an agent on a laptop', () => {
  it('goes on with its conversation on a second machine, by the commands of the document', async () => {
    const [, address] = /patch-store +(http:\S+)/.exec(up.output())!;
    const type = (command: string, machine: string, input = '') =>
      execa(command.replaceAll('http://127.0.0.1:8080', address!), {
        shell: true,
        cwd: packageFolder(),
        env: environmentOf(machine),
        input,
      });
    await type(run!, 'laptop');
    await model.waitForRequest(({ finishedSteps }) => finishedSteps.includes('step-1'));
    const { stdout } = await type(`${token}; ${untilThere(restore!)}`, 'second');
    const [, sessionId] = /claude --resume ([0-9a-f-]{36})/.exec(stdout)!;
    expect(readFileSync(join(folder, 'fix-login/first.txt'), 'utf8')).toBe('one\n');

    last = { run: 'cat first.txt > second.txt' };
    const before = model.requests().length;
    await type(goOn!.replace(/[0-9a-f-]{36}/, sessionId!), 'second', 'Go on.');
    const first = model.requests()[before]!;
    expect(first.sessionId).toBe(sessionId);
    expect(first.text).toContain('Fix the login.');
    expect(first.text).toContain('the first output');
    expect(readFileSync(join(folder, 'fix-login/second.txt'), 'utf8')).toBe('one\n');
    expect(existsSync(join(folder, 'laptop/.claude/projects'))).toBe(false);
  });
});

function commandsUnder(heading: string): string[] {
  const [, section] = new RegExp(`\n## ${heading}\n([\\s\\S]*?)\n## `).exec(readDocument(DOCUMENT))!;
  return commandsOf(DOCUMENT)
    .filter((command) => section!.includes(command))
    .map((command) =>
      command
        .replaceAll('/tmp/', `${folder}/`)
        .replace('https://github.com/you/app', 'new://app')
        .replace('ssh you@laptop cat patchpoint/.patchpoint', `cat ${folder}/laptop/data`),
    );
}

/** A person tries again while nothing is stored yet. */
function untilThere(command: string): string {
  return `for try in 1 2 3 4 5 6 7 8 9 10; do ${command} && exit; sleep 1; done; exit 1`;
}

/** Each machine has a user with a home of its own; both reach the server. */
function environmentOf(machine: string): Record<string, string> {
  const home = join(folder, machine);
  return {
    HOME: home,
    XDG_STATE_HOME: join(home, 'state'),
    XDG_CONFIG_HOME: join(home, 'config'),
    PATCHPOINT_DATA_DIR: join(home, 'data'),
    PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '1',
    FAKE_AGENT_MODEL_URL: model.url,
    PATCHPOINT_AGENT_ENVIRONMENT: 'FAKE_AGENT_*',
    PATH: `${programs}:${process.env['PATH']!}`,
  };
}

/** The fake agent under the name and the command line of Claude Code. */
function writeFakeClaude(file: string): void {
  writeFileSync(
    file,
    `#!/bin/sh
taken=
while [ $# -gt 0 ]; do
  case $1 in --session-id | --resume | --settings) taken="$taken $1 $2"; shift ;; esac
  shift
done
FAKE_AGENT_HOME="\${CLAUDE_CONFIG_DIR:-$HOME/.claude}" exec '${process.execPath}' '${fakeAgentProgram()}' $taken
`,
  );
  chmodSync(file, 0o755);
}
