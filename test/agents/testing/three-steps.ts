import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import {
  claudeCodeEnvironment,
  codexEnvironment,
  startScriptedModel,
  type ModelRequest,
  type ScriptedModel,
} from '#scripted';
import { eventually, temporaryFolder } from '#testing';
import { treeOf } from '../../testing/use-work.js';
import type { Driver } from '../../testing/use-driven-stack.js';
import { UNTIL_KILLED } from './agent-process.js';

const PATIENCE = { timeoutMs: 60_000, intervalMs: 100 };

export type RealRunner = 'claude-code' | 'codex';

const ENVIRONMENTS = { 'claude-code': claudeCodeEnvironment, codex: codexEnvironment };

/** A real agent program in tasks of three steps, and the model that it asks. */
export class ThreeSteps {
  model!: ScriptedModel;
  /** What the third step does; it lasts until its agent is killed, while a task is brought into it. */
  thirdStep = 'true';

  constructor(
    private readonly test: Driver,
    readonly runner: RealRunner,
  ) {}

  startDaemon(daemonId: string, variables: Record<string, string> = {}) {
    const home = temporaryFolder();
    const {
      CLAUDE_CONFIG_DIR: _claude,
      CODEX_HOME: _codex,
      ...environment
    } = ENVIRONMENTS[this.runner](this.model.url, home);
    return this.test.stack.startAgent(daemonId, {
      HOME: home,
      ...environment,
      PATH: `${process.env['PATCHPOINT_AGENT_PROGRAMS']!}:${process.env['PATH']}`,
      PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '1',
      PATCHPOINT_HEARTBEAT_COMMIT: 'false',
      ...variables,
    });
  }

  async run(daemonId?: string) {
    const { runner } = this;
    return this.test.run({
      id: uuidv7(),
      runner,
      ...(daemonId && { daemonId }),
      repoUrl: 'new://agents',
      plan: 'Do the three steps.',
    });
  }

  /** A task that has done two steps and is in its third, captured with both halves. */
  async inThirdStep(daemonId: string) {
    this.thirdStep = UNTIL_KILLED;
    const { taskId, feed } = await this.run(daemonId);
    const { worktreePath } = await this.test.untilState(taskId, 'running');
    await this.model.waitForRequest(({ text }) => text.includes('the second output'));
    await eventually(() => expect(existsSync(join(worktreePath!, 'second.txt'))).toBe(true), PATIENCE);
    const treeSha = await treeOf(worktreePath!);
    const checkpoint = await eventually(async () => {
      const [newest] = await this.test.patchStore.checkpoints(taskId);
      expect(newest).toMatchObject({ treeSha });
      expect(await this.conversationOf(taskId, newest!.number)).toContain('the second output');
      return newest!;
    }, PATIENCE);
    this.thirdStep = 'echo three > third.txt; cat first.txt second.txt';
    return { taskId, feed, checkpoint };
  }

  async conversationOf(taskId: string, number: number): Promise<string> {
    const path = `/v1/tasks/${taskId}/checkpoints/${number}/conversation`;
    return (await fetch(`${this.test.stack.patchStore.url}${path}`)).text();
  }

  /** The first request of the agent itself after that many. */
  firstRequestAfter(count: number): Promise<ModelRequest> {
    return eventually(() => {
      const first = this.model
        .requests()
        .slice(count)
        .find(({ isAside }) => !isAside);
      expect(first).toBeDefined();
      return first!;
    }, PATIENCE);
  }

  /** The files of a task's conversation on the disk of its daemon. */
  transcripts(daemonId: string, taskId: string): string[] {
    const home = join(this.test.stack.stateDirOf(daemonId), 'homes', taskId);
    const paths = readdirSync(home, { recursive: true, encoding: 'utf8' });
    return paths.filter((path) => path.endsWith('.jsonl')).map((path) => join(home, path));
  }
}

/** Call it while the file is evaluated. */
export function useThreeSteps(test: Driver, runner: RealRunner): ThreeSteps {
  const steps = new ThreeSteps(test, runner);
  beforeAll(async () => {
    steps.model = await startScriptedModel({
      script: () => [
        { run: 'echo one > first.txt; echo the first output' },
        { run: 'echo two > second.txt; echo the second output' },
        { run: steps.thirdStep },
        { say: 'All is done.' },
      ],
    });
  });
  afterAll(() => steps.model.stop());
  return steps;
}

/** The first call holds all that was said, up to the step that was interrupted. */
export function expectWholeConversation({ text }: ModelRequest): void {
  for (const said of ['Do the three steps.', 'the first output', 'the second output']) {
    expect(text).toContain(said);
  }
}
