import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import pLimit from 'p-limit';
import { temporaryFolder } from '#testing';
import { aSpawn, OfflineAgent } from '../../testing/offline-agent.js';
import { readAgentConfig } from '../agent.config.js';
import { TaskRegistry } from '../state/task-registry.js';
import { Attempt } from './attempt.js';

beforeAll(() => Logger.overrideLogger(false));

describe('an attempt of a task', () => {
  let daemon: OfflineAgent;
  afterEach(() => daemon.close());

  it('is reported as it ended even if its final capture fails', async () => {
    daemon = await OfflineAgent.open();
    const spawn = aSpawn();
    rmSync(join(await daemon.run(spawn), '..', 'repository.git'), { recursive: true });
    await daemon.agent.runs.stop(spawn.taskId, 1, 'enough');
    expect(await daemon.untilReported('stopped')).toMatchObject({ reason: 'enough' });
    expect(daemon.said.join('')).toContain('the final capture failed');
    expect(daemon.agent.registry.active()).toEqual([]);
  });

  it('takes one capture at a time: no two have the same sequence', async () => {
    daemon = await OfflineAgent.open();
    const spawn = aSpawn();
    await daemon.run(spawn);
    await Promise.all([1, 2, 3].map(() => daemon.agent.runs.capture(spawn.taskId, { kind: 'final' })));
    const sequences = daemon.agent.spool.pending().map(({ sequence }) => sequence);
    expect(sequences.sort()).toEqual([1, 2, 3]);
  });
});

describe('an attempt whose work has ended', () => {
  /** An attempt with a record on disk, whose captures and reports the test takes. */
  async function anAttempt(onReport: (registry: TaskRegistry) => void = () => undefined) {
    const registry = await TaskRegistry.open(temporaryFolder());
    const spawn = aSpawn();
    await registry.put({ spawn, phase: 'running', sequence: 0 });
    const config = readAgentConfig({ PATCHPOINT_STATE_DIR: temporaryFolder() });
    const attempt = new Attempt(
      spawn,
      {
        config: { ...config, captureIntervalSeconds: 0.01 },
        daemonId: 'daemon-1',
        registry,
        capturer: { capture: async () => 'unchanged' },
        reports: { put: async () => onReport(registry) },
        output: { say: () => undefined },
      },
      pLimit(1),
    );
    return { attempt, registry };
  }

  it('is still active on disk when its end is reported, so that a crash repeats the report', async () => {
    const activeAtReport: number[] = [];
    const { attempt, registry } = await anAttempt((at) => activeAtReport.push(at.active().length));
    await attempt.finish('completed', {});
    expect(activeAtReport).toEqual([1]);
    expect(registry.active()).toEqual([]);
  });

  it('was captured at each interval until then, and is not afterwards', async () => {
    /** Captures until there were as many, and resolves to the count at any later time. */
    const captured = async (count: number): Promise<() => number> => {
      const { attempt } = await anAttempt();
      let captures = 0;
      let reached!: () => void;
      const end = new Promise<void>((resolve) => {
        reached = resolve;
      });
      await attempt.captureUntil(end, async () => {
        captures += 1;
        if (captures === count) reached();
        return 'unchanged';
      });
      return () => captures;
    };
    const first = await captured(3);
    await captured(10); // longer than the first would need for another one
    expect(first()).toBe(3);
  });
});
