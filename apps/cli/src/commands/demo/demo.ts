import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { startStack, type Stack } from '#embedded';
import { packageFolder } from '#runtime';
import { DEMO_PROGRAMS, startDemoAgent, type DemoAgent, type DemoProgram } from './demo-agent.js';
import { openDemoSource, type DemoSource } from './demo-source.js';
import { Progress, table } from './progress.js';
import { runDemo, type DemoResult } from './run-demo.js';
import { printLine } from '../../output/print-line.js';
import { withoutPassword } from '../../output/format.js';
import { nextStopSignal } from '../../shell/stop-signal.js';

interface DemoOptions {
  readonly repo: string;
  readonly keep: boolean;
  readonly auto: boolean;
  readonly agent: DemoProgram;
}

/** `patchpoint demo`: an agent's machine is lost before your eyes, and its work is not. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('lose a machine in the middle of a task and see the task continue elsewhere, byte for byte')
    .addOption(
      new Option('--repo <url or path>', 'the repository that the task works on')
        .default(packageFolder(), 'this repository')
        .env('PATCHPOINT_DEMO_REPO'),
    )
    .addOption(
      new Option('--agent <program>', 'the agent that works; its model follows a script, on this machine')
        .choices(DEMO_PROGRAMS)
        .default('fake' satisfies DemoProgram),
    )
    .option('--auto', 'do not request the resume: the dead machine is detected automatically', false)
    .option('--keep', 'leave everything running afterwards, until Ctrl-C', false)
    .action(demo);
}

/** Nobody wants to watch for two minutes. */
const impatient = { PATCHPOINT_DAEMON_TIMEOUT_SECONDS: '6', PATCHPOINT_WATCH_INTERVAL_SECONDS: '1' };

async function demo({ repo, keep, auto, agent: program }: DemoOptions): Promise<void> {
  const stopSignal = nextStopSignal();
  const untilStopped = <T>(work: Promise<T>): Promise<T> =>
    Promise.race([work, stopSignal.then(interrupted)]);
  const progress = new Progress();
  const folder = await mkdtemp(join(tmpdir(), 'patchpoint-demo-'));
  let verdict: Verdict;
  let stopModel = async (): Promise<void> => {};
  try {
    const agent = await startDemoAgent(program, folder, progress);
    stopModel = agent.model.stop;
    progress.step(`cloning ${repo} to play the team's git server`);
    const source = await untilStopped(openDemoSource(repo, folder));
    const stack = await startDemoStack(agent, auto, progress);
    try {
      const result = await untilStopped(runDemo(stack, { source, agent, folder, auto }, progress));
      verdict = judge(result);
      printLine(`\n${describeResult(result, source)}\n`);
      if (keep) {
        printLine(`${describeStack(stack)}\nPress Ctrl-C to stop.`);
        await stopSignal;
      }
    } finally {
      await stack.stop();
    }
  } finally {
    await stopModel();
    await rm(folder, { recursive: true, force: true });
  }
  for (const line of verdict.lines) printLine(line);
  if (!verdict.equal) process.exitCode = 1;
}

function startDemoStack({ environment }: DemoAgent, auto: boolean, progress: Progress): Promise<Stack> {
  return startStack({
    ingestReplicas: 2,
    daemonIds: ['daemon-1', 'daemon-2'],
    environment: {
      'daemon-agent': {
        ...environment,
        PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '2',
        PATCHPOINT_ALLOW_FILE_PROTOCOL: 'true',
        PATCHPOINT_AGENT_USER: '', // another user could not read the source, which lies in a private folder
        ...(auto && { PATCHPOINT_SIGN_OF_LIFE_SECONDS: '1' }),
      },
      ...(auto && { 'patch-store': impatient, janitor: impatient }),
    },
    onProgress: (step) => progress.step(step),
  });
}

interface Verdict {
  equal: boolean;
  lines: string[];
}

function judge({ checkpoint, restoredTreeSha, differences }: DemoResult): Verdict {
  if (restoredTreeSha !== checkpoint.treeSha) {
    return {
      equal: false,
      lines: [
        ...differences,
        `restored tree ${restoredTreeSha} differs from captured tree ${checkpoint.treeSha}`,
      ],
    };
  }
  if (differences.length > 0) return { equal: false, lines: differences };
  return {
    equal: true,
    lines: [`restored tree ${restoredTreeSha} equals captured tree ${checkpoint.treeSha}`],
  };
}

function describeResult(result: DemoResult, source: DemoSource): string {
  const { checkpoint, patchSizeBytes, restoredTreeSha, restored, storeSeconds, recoverySeconds } = result;
  return table([
    ['captured tree', checkpoint.treeSha],
    ['restored tree', restoredTreeSha],
    ['checkpoint', `${checkpoint.number} (${checkpoint.kind})`],
    ['files', `${checkpoint.filesChanged ?? 0} changed of ${source.filesCount}`],
    ['patch', `${patchSizeBytes.toLocaleString('en')} bytes`],
    [
      'conversation',
      `${result.messagesCount} messages when the machine was lost, ${result.resumedMessagesCount} in the first call after it`,
    ],
    ['captured → stored', `${storeSeconds.toFixed(2)} s`],
    ['restore', `${(restored.durationMilliseconds / 1000).toFixed(2)} s`],
    ['machine lost → restored', `${recoverySeconds.toFixed(2)} s`],
  ]);
}

function describeStack(stack: Stack): string {
  return table([
    ['Postgres', withoutPassword(stack.postgres.url)],
    ['NATS', stack.nats.url],
    ...stack.apps.map(({ name, url }) => [name, url] as const),
    ['logs', stack.runDir],
    ['token', stack.credentials!.files.apiToken],
  ]);
}

function interrupted(): never {
  throw new Error('interrupted before it was finished.');
}
