import { join } from 'node:path';
import { beforeAll, expect } from '@jest/globals';
import { execa, type Result } from 'execa';
import { PatchStoreClient } from '#client';
import type { TaskSummary } from '#contracts';
import type { Stack } from '#embedded';
import { packageFolder } from '#runtime';
import { temporaryFolder, useStack } from '#testing';
import { playScenario, SCENARIO_ENVIRONMENT, type Played } from '../../generators/cli/play-scenario.js';

const main = join(packageFolder(), 'dist/apps/cli/src/main.js');

/** The built command in `home`, with state and settings of its own; `PATCHPOINT_SERVER` is for the caller. */
export function runCli(home: string, args: readonly string[], env: Record<string, string>) {
  const own = { XDG_STATE_HOME: join(home, 'state'), XDG_CONFIG_HOME: join(home, 'config') };
  return execa('node', [main, ...args], { env: { ...own, ...env }, cwd: home, reject: false });
}

/** One sentence with the next step, and never a stack trace. */
export function expectFailure(result: Result, exitCode: number, ...words: string[]): void {
  for (const word of words) expect(result.stderr).toContain(word);
  expect(result.stderr).not.toContain('    at ');
  expect(result.exitCode).toBe(exitCode);
}

/** The command, and the server that it talks to, on which the scenario of docs/cli.md was played. */
export class CliUnderTest {
  readonly home = temporaryFolder();
  played!: Played;

  constructor(private readonly running: () => Stack) {}

  get stack(): Stack {
    return this.running();
  }

  /** What the command talks to, for what a test does beside it. */
  get patchStore(): PatchStoreClient {
    return new PatchStoreClient(this.stack.patchStore.url);
  }

  /** `fix-login`. */
  get task(): TaskSummary {
    return this.played.status.tasks[0]!;
  }

  run(...args: string[]) {
    return runCli(this.home, args, { PATCHPOINT_SERVER: this.stack.patchStore.url });
  }

  /** @throws Error with what it says when it prints no JSON */
  async json<T>(...args: string[]): Promise<T> {
    const end = args.includes('--') ? args.indexOf('--') : args.length;
    const { stdout, stderr } = await this.run(...args.toSpliced(end, 0, '--json'));
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout) as T;
  }
}

/** Call it at the top level of a spec file or describe block. */
export function useCli(): CliUnderTest {
  const cli = new CliUnderTest(
    useStack({
      ingestReplicas: 1,
      daemonIds: ['daemon-1'],
      environment: {
        'daemon-agent': { ...SCENARIO_ENVIRONMENT, PATCHPOINT_SIGN_OF_LIFE_SECONDS: '1' },
        janitor: { PATCHPOINT_SWEEP_INTERVAL_SECONDS: '1' },
      },
    }),
  );
  beforeAll(async () => {
    cli.played = await playScenario(cli.stack, temporaryFolder());
  });
  return cli;
}
