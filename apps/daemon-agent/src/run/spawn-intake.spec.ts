import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { DaemonHeartbeat, decode } from '#contracts';
import { eventually } from '#testing';
import { aSpawn, OfflineAgent } from '../../testing/offline-agent.js';

beforeAll(() => Logger.overrideLogger(false));

describe('a daemon whose slots are all taken', () => {
  let daemon: OfflineAgent;
  afterEach(() => daemon.close());

  it('requests no order until a task has ended, and then does', async () => {
    let asked = 0;
    const answer: (() => void)[] = [];
    const next = (_: unknown, { signal }: { signal: AbortSignal }): Promise<null> => {
      asked += 1;
      return new Promise((resolve) => {
        answer.push(() => resolve(null));
        signal.addEventListener('abort', () => resolve(null));
      });
    };
    daemon = await OfflineAgent.open({
      environment: { PATCHPOINT_MAX_TASKS: '1' },
      transport: { spawns: { next } },
    });
    await daemon.agent.start();
    const spawn = aSpawn();
    await daemon.run(spawn);
    expect(asked).toBe(2); // its own queue and the pool's, while there was room
    answer.splice(0).forEach((none) => none());
    await setImmediate(); // nothing but promises lies between an answer and the next question
    expect(asked).toBe(2);
    await daemon.agent.runs.stop(spawn.taskId, 1, 'enough');
    await eventually(() => expect(asked).toBe(4));
  });
});

describe('a daemon that takes on a task', () => {
  let daemon: OfflineAgent;
  afterEach(() => daemon.close());

  it('sends a heartbeat that names it, without waiting for the next one', async () => {
    const named: string[][] = [];
    const send = (subject: string, bytes: Uint8Array): void => {
      if (!subject.includes('.heartbeat.')) return;
      named.push(decode(DaemonHeartbeat, bytes).tasks.map(({ taskId }) => taskId));
    };
    daemon = await OfflineAgent.open({ transport: { send } }); // not started: no regular heartbeats
    const spawn = aSpawn();
    await daemon.run(spawn);
    expect(named).toEqual([[spawn.taskId]]);
  });
});
