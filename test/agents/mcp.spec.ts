/**
 * The tools of a task, called by the real programs as the built-in runners start them. They ask a scripted
 * model, in a network namespace that has loopback alone.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { claudeCodeEnvironment, codexEnvironment, startScriptedModel, type ScriptedModel } from '#scripted';
import { temporaryFolder } from '#testing';
import { useDrivenStack } from '../testing/use-driven-stack.js';

describe.each([
  {
    runner: 'claude-code',
    environmentOf: claudeCodeEnvironment,
    named: (tool: string) => ({ tool: `mcp__patchpoint__${tool}` }),
  },
  {
    runner: 'codex',
    environmentOf: codexEnvironment,
    named: (tool: string) => ({ tool, namespace: 'mcp__patchpoint' }),
  },
])('the tools of a task of $runner', ({ runner, environmentOf, named }) => {
  const test = useDrivenStack({ ingestReplicas: 1, daemonIds: [] });
  let model: ScriptedModel;

  beforeAll(async () => {
    model = await startScriptedModel({
      script: () => [
        { run: 'echo good > work.txt; sleep 3' }, // until Codex has started the server
        { ...named('checkpoint'), input: { message: 'before the risky part' } },
        { run: 'echo broken > work.txt' },
        { run: 'sleep 3' }, // until the checkpoint is stored
        { ...named('restore_paths'), input: { number: 1, paths: ['work.txt'] } },
        { run: 'cat work.txt' },
        { say: 'All is done.' },
      ],
    });
  });
  afterAll(() => model.stop());

  it('take a checkpoint and restore a file from it', async () => {
    const home = temporaryFolder();
    const asks = environmentOf(model.url, home);
    const { CLAUDE_CONFIG_DIR: _claude, CODEX_HOME: _codex, ...environment } = asks;
    await test.stack.startAgent(runner, {
      HOME: home,
      ...environment,
      PATH: `${process.env['PATCHPOINT_AGENT_PROGRAMS']!}:${process.env['PATH']}`,
      PATCHPOINT_HEARTBEAT_INTERVAL_SECONDS: '0',
    });
    const id = uuidv7();
    await test.run({ id, runner, daemonId: runner, repoUrl: 'new://a', plan: 'Do the steps.' });
    await test.untilState(id, 'completed');
    const checkpoint = await test.untilCheckpoint(id, ({ kind }) => kind === 'manual');
    expect(checkpoint).toMatchObject({ number: 1, message: 'before the risky part' });
    const said = model.requests().findLast(({ isAside }) => !isAside)!;
    const results = said.entries.filter(({ kind }) => kind === 'result').map(({ text }) => text);
    expect(results.join('\n---\n')).toContain('"restored"');
    expect(results.at(-1)).toContain('good');
  });
});
