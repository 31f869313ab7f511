import { afterEach, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { DaemonHeartbeat, decode } from '#contracts';
import { temporaryFolder } from '#testing';
import { readAgentConfig } from '../agent.config.js';
import type { SpooledCheckpoint } from '../spool/spooled-checkpoint.js';
import { TaskRegistry } from '../state/task-registry.js';
import { DaemonHeartbeats } from './daemon-heartbeats.js';

const config = readAgentConfig({ PATCHPOINT_STATE_DIR: temporaryFolder() });

describe('the unconfirmed captures in heartbeats', () => {
  const waiting = (): SpooledCheckpoint[] => [
    { taskId: uuidv7(), isCapture: true, capturedAt: new Date() } as SpooledCheckpoint,
  ];
  let pending: SpooledCheckpoint[] = [];
  const counts: number[] = [];
  let heartbeats: DaemonHeartbeats;
  const open = async () => {
    counts.length = 0;
    const registry = await TaskRegistry.open(temporaryFolder());
    heartbeats = new DaemonHeartbeats(
      'daemon-1',
      config,
      registry,
      { pending: () => pending },
      (_, bytes) => {
        counts.push(decode(DaemonHeartbeat, bytes).unconfirmedCaptures!.length);
      },
    );
  };
  afterEach(() => heartbeats.stop());

  it('are corrected at once when the last one is confirmed', async () => {
    await open();
    pending = waiting();
    heartbeats.beat();
    heartbeats.settled(); // another one waits still
    pending = [];
    heartbeats.settled();
    heartbeats.settled(); // has been said
    expect(counts).toEqual([1, 0]);
  });

  it('are sent a last time when the daemon stops, and only once', async () => {
    await open();
    heartbeats.start();
    pending = waiting();
    heartbeats.stop();
    heartbeats.stop();
    expect(counts).toEqual([0, 1]);
  });
});
