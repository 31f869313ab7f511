import { join } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { temporaryFolder } from '#testing';
import { aSpawn } from '../../testing/offline-agent.js';
import { CaptureCheckpoint, type CaptureDependencies } from './capture-checkpoint.js';

describe('CaptureCheckpoint', () => {
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
  afterAll(() => warn.mockRestore());

  it('tells of a capture that failed that it is over', async () => {
    const folder = temporaryFolder();
    const told: unknown[] = [];
    const record = { spawn: aSpawn(), worktreeDir: join(folder, 'gone'), sequence: 0 };
    const capturer = new CaptureCheckpoint({
      config: { patches: { enabled: true } },
      folder: { shadows: folder },
      registry: { get: () => record, note: () => Promise.resolve() },
      onHealthChanged: () => undefined,
      conversations: { read: async () => ({}) },
      secrets: { policies: { found: 'include', unscanned: 'include' } },
      onProgress: (progress: unknown) => void told.push(progress),
    } as unknown as CaptureDependencies);
    await expect(capturer.capture('a task', { kind: 'heartbeat' })).rejects.toThrow();
    expect(told).toEqual([null]);
  });

  it('logs the reason for failing WIP commits of a task once, however many fail', async () => {
    const folder = temporaryFolder();
    const record = { spawn: aSpawn(), worktreeDir: join(folder, 'gone'), sequence: 0 };
    const capturer = new CaptureCheckpoint({
      config: { heartbeatCommit: true, patches: { enabled: true } },
      folder: { shadows: folder },
      registry: { get: () => record, note: () => Promise.resolve() },
      onHealthChanged: () => undefined,
      conversations: { read: async () => ({}) },
      secrets: { policies: { found: 'include', unscanned: 'include' } },
    } as unknown as CaptureDependencies);
    for (let beat = 1; beat <= 3; beat += 1) {
      await expect(capturer.capture('a task', { kind: 'heartbeat' })).rejects.toThrow();
    }
    expect(warn.mock.calls).toEqual([
      [expect.objectContaining({ msg: 'the WIP commit failed; the capture continues' })],
    ]);
  });
});
