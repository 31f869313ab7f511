import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '#testing';
import { identifyProcess } from '../process/process-identity.js';
import type { Stack } from './stack.js';
import { startStack } from './start-stack.js';

// Real processes, compiled: run `npm run build` first (`npm test` does).

describe('startStack', () => {
  it('runs every app, starts a killed agent again, and leaves nothing behind', async () => {
    const stack = await startStack({ ingestReplicas: 2, daemonIds: ['one'] });
    expect(stack.apps.map(({ app }) => app).sort()).toEqual([
      'checkpoint-ingest',
      'checkpoint-ingest',
      'daemon-agent',
      'janitor',
      'patch-store',
    ]);
    for (const { url } of stack.apps) expect((await fetch(`${url}/healthz`)).status).toBe(200);

    await stack.agent('one').kill();
    const again = await stack.startAgent('one');
    expect(stack.agent('one')).toBe(again);

    const pids = pidsOf(stack);
    await stack.stop();
    await stack.stop(); // twice is harmless
    expect(pids.filter((pid) => identifyProcess(pid) !== undefined)).toEqual([]);
    await expect(access(stack.dataDir)).rejects.toThrow('ENOENT');
  });

  it('stops what it had started when one app does not start, and says why', async () => {
    const progress: string[] = [];
    const dataDir = join(temporaryFolder(), 'partial');
    const starting = startStack({
      dataDir,
      ingestReplicas: 1,
      daemonIds: [],
      environment: { janitor: { PATCHPOINT_LOG_LEVEL: 'loud' } },
      onProgress: (step) => progress.push(step),
    });
    await expect(starting).rejects.toThrow(
      /janitor ended with code 78 while starting[^]*PATCHPOINT_LOG_LEVEL/,
    );
    expect(progress).toContain('migrating the database');
    // The records of running processes are gone.
    const files = await readdir(dataDir, { recursive: true });
    expect(files.filter((file) => file.endsWith('.json'))).toEqual([]);
  });
});

function pidsOf(stack: Stack): number[] {
  return [stack.postgres, stack.nats, ...stack.apps].map(({ pid }) => pid);
}
