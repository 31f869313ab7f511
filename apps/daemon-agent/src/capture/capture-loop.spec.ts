import { beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { eventually } from '#testing';
import type { CaptureOutcome } from './capture-checkpoint.js';
import { CaptureLoop } from './capture-loop.js';

beforeAll(() => Logger.overrideLogger(false));

const full = () => Object.assign(new Error('DISK_FULL: no space left.'), { code: 'DISK_FULL' });

describe('CaptureLoop', () => {
  /** One after the other; resolves to what was said once all were. */
  async function saidOf(beats: readonly (CaptureOutcome | Error)[]): Promise<string[]> {
    const said: string[] = [];
    const left = [...beats];
    const heartbeats = new CaptureLoop(
      'a task',
      0.01,
      async () => {
        const beat = left.shift();
        if (beat instanceof Error) throw beat;
        return beat ?? 'unchanged';
      },
      (line) => void said.push(line),
    );
    heartbeats.start();
    await eventually(() => expect(left).toEqual([]));
    heartbeats.stop();
    return said;
  }

  it('reports once that captures fail, and once that they work again', async () => {
    const said = await saidOf([full(), full(), full(), 'spooled', 'spooled', 'unchanged']);
    expect(said).toEqual([expect.stringContaining('DISK_FULL'), 'Captures work again']);
  });

  it('does not report that captures work again when there was nothing to capture', async () => {
    const said = await saidOf([full(), 'unchanged', full(), 'unchanged', full(), 'spooled', 'unchanged']);
    expect(said).toEqual([expect.stringContaining('DISK_FULL'), 'Captures work again']);
  });

  it('reports a failure again when its reason changes', async () => {
    const said = await saidOf([full(), new Error('git is gone'), full(), 'unchanged']);
    expect(said).toHaveLength(3);
  });
});
