import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { execa } from 'execa';
import {
  BUILT_IN_RUNNERS,
  loadRunners,
  programEnvironment,
  readVariablePatterns,
  type Runner,
} from '#agents';
import { UNATTENDED_CHOICES, type Unattended } from '#contracts';
import { judgeRunner } from './judge-runner.js';
import { problem, type Finding } from './finding.js';

const PATIENCE_MILLISECONDS = 15_000;

/** Commands that show whether a program's own sandbox starts on this machine, and do nothing else. */
const SANDBOX_CHECKS: Readonly<Record<string, readonly string[]>> = { codex: ['sandbox', '--', 'true'] };

/**
 * The agent programs of a daemon that would be started here, with this environment: whether they are there,
 * and can act while nobody watches. Nothing is run but for programs of built-in runners, which are known to
 * print their version.
 */
export async function checkRunners(environment: NodeJS.ProcessEnv = process.env): Promise<Finding[]> {
  const unattended = environment['PATCHPOINT_UNATTENDED'] || 'worktree';
  if (!isChoice(unattended)) {
    const fix = `Set it to ${UNATTENDED_CHOICES.join(', ')}.`;
    return [problem('runners', `PATCHPOINT_UNATTENDED is "${unattended}"`, fix)];
  }
  try {
    const runners = [...loadRunners(environment['PATCHPOINT_RUNNERS_FILE'] || undefined)];
    return await Promise.all(runners.map(([name, runner]) => check(name, runner, unattended, environment)));
  } catch (error) {
    return [problem('runners', (error as Error).message, 'Correct the file: no daemon starts with it.')];
  }
}

async function check(
  name: string,
  runner: Runner,
  unattended: Unattended,
  variables: NodeJS.ProcessEnv,
): Promise<Finding> {
  const environment = environmentOf(runner, variables);
  const isBuiltIn = BUILT_IN_RUNNERS[name] === runner;
  const path = findProgram(runner.start[0]!, environment['PATH'] ?? '');
  const asks = path !== undefined && isBuiltIn && runner.permissions !== undefined;
  const version = asks ? await run(path, ['--version'], environment) : undefined;
  const isBroken = version?.failed ?? false;
  const sandbox = asks && !isBroken && unattended !== 'full' ? SANDBOX_CHECKS[name] : undefined;
  const tried = sandbox && (await run(path!, sandbox, environment));
  return judgeRunner(name, runner, {
    isBuiltIn,
    path,
    version: version && (/\d+(?:\.\d+)+\S*/.exec(version.said)?.[0] ?? version.said),
    programProblem: isBroken ? version!.said : undefined,
    unattended,
    sandboxProblem: tried?.failed ? tried.said : undefined,
    isRoot: process.getuid?.() === 0,
    isContainer: isContainer(variables),
  });
}

/** As a daemon would give it, but for the home of a task. */
function environmentOf(runner: Runner, variables: NodeJS.ProcessEnv): Record<string, string> {
  const named = readVariablePatterns(variables['PATCHPOINT_AGENT_ENVIRONMENT']);
  return programEnvironment({ variables, named }, runner, undefined);
}

function isChoice(value: string): value is Unattended {
  return (UNATTENDED_CHOICES as readonly string[]).includes(value);
}

/** As a daemon would find it; undefined: it is not there, or may not be run. */
export function findProgram(program: string, path: string): string | undefined {
  const candidates = program.includes('/')
    ? [resolve(program)]
    : path.split(delimiter).map((folder) => resolve(folder, program));
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return statSync(candidate).isFile();
    } catch {
      return false;
    }
  });
}

/** What it printed first, or said last where it failed. */
async function run(file: string, args: readonly string[], environment: NodeJS.ProcessEnv) {
  const { failed, stdout, stderr, shortMessage } = await execa(file, args, {
    env: environment,
    extendEnv: false,
    stdin: 'ignore',
    timeout: PATIENCE_MILLISECONDS,
    killSignal: 'SIGKILL',
    reject: false,
  });
  if (!failed) return { failed, said: stdout.trim().split('\n')[0] ?? '' };
  return { failed, said: stderr.trim().split('\n').at(-1) || shortMessage || 'it failed' };
}

/** As Docker, Podman and Kubernetes show it. */
function isContainer(environment: NodeJS.ProcessEnv): boolean {
  return (
    environment['KUBERNETES_SERVICE_HOST'] !== undefined ||
    ['/.dockerenv', '/run/.containerenv'].some((file) => existsSync(file))
  );
}
