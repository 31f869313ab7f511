import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import {
  claudeCodeEnvironment,
  codexEnvironment,
  fakeAgentEnvironment,
  fakeAgentProgram,
  startScriptedModel,
  type Script,
  type ScriptedModel,
} from '#scripted';
import { usageError } from '../../errors/cli-error.js';
import type { Progress } from './progress.js';

/** Our own program, which needs no installation, and the real ones. */
export const DEMO_PROGRAMS = ['fake', 'claude-code', 'codex'] as const;
export type DemoProgram = (typeof DEMO_PROGRAMS)[number];

const PROGRAMS = {
  fake: { runner: 'fake-agent', environment: fakeAgentEnvironment },
  'claude-code': {
    runner: 'claude-code',
    environment: claudeCodeEnvironment,
    command: 'claude',
    npmPackage: '@anthropic-ai/claude-code',
  },
  codex: { runner: 'codex', environment: codexEnvironment, command: 'codex', npmPackage: '@openai/codex' },
};

/** The agent of the demo, and the model that it asks: one that follows a script, on loopback. */
export interface DemoAgent {
  runner: string;
  /** For the daemons that run it. */
  environment: Readonly<Record<string, string>>;
  /** What the model does from now on. */
  follow: (script: Script) => void;
  model: ScriptedModel;
}

/**
 * @param folder for its home and settings: nothing of the user's own is read or written
 * @throws CliError when the program is not installed
 */
export async function startDemoAgent(
  program: DemoProgram,
  folder: string,
  progress: Progress,
): Promise<DemoAgent> {
  const { runner, environment } = await installed(program);
  let steps: Script = [];
  const model = await startScriptedModel({
    isPrivate: true, // other users of this machine must not ask it
    script: ({ isAside, messageCount }) => {
      if (!isAside) progress.quote(`the agent asks its model, messages so far: ${messageCount}`);
      return steps;
    },
  });
  const home = join(folder, 'home');
  await mkdir(home, { recursive: true });
  return {
    runner,
    model,
    follow: (script) => (steps = script),
    environment: {
      ...environment(model.url, home),
      ...(program === 'fake' && { PATCHPOINT_RUNNERS_FILE: await writeFakeRunner(folder, home) }),
    },
  };
}

async function installed(program: DemoProgram): Promise<(typeof PROGRAMS)[DemoProgram]> {
  const found = PROGRAMS[program];
  if (!('command' in found)) return found;
  const { failed } = await execa(found.command, ['--version'], { reject: false });
  if (!failed) return found;
  throw usageError(
    `--agent is ${program}, and \`${found.command}\` is not on the PATH.`,
    `Install it with \`npm install --global ${found.npmPackage}\`, or leave --agent out.`,
  );
}

/** The fake agent speaks as Claude Code does. */
async function writeFakeRunner(folder: string, home: string): Promise<string> {
  const file = join(folder, 'runners.json');
  const command = [process.execPath, fakeAgentProgram()];
  const runner = {
    start: [...command, '--session-id', '{sessionId}', '{hooks}'],
    continue: [...command, '--resume', '{sessionId}', '{hooks}'],
    stdin: 'prompt',
    inherits: ['FAKE_AGENT_*'],
    hooks: 'claude-code',
    session: { id: 'given' },
    conversation: {
      variable: 'FAKE_AGENT_HOME',
      usual: join(home, '.fake-agent'),
      passOn: [],
      files: ['projects/{cwdSlug}/{sessionId}.jsonl'],
    },
  };
  await writeFile(file, JSON.stringify({ 'fake-agent': runner }));
  return file;
}
