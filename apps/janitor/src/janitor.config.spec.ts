import { describe, expect, it } from '@jest/globals';
import { readJanitorConfig } from './janitor.config.js';

const DATABASE_URL = 'postgres://u:p@db/patchpoint';

describe('readJanitorConfig', () => {
  it('sweeps hourly by default', () => {
    expect(readJanitorConfig({ DATABASE_URL }).sweepIntervalSeconds).toBe(3600);
    expect(
      readJanitorConfig({ DATABASE_URL, PATCHPOINT_SWEEP_INTERVAL_SECONDS: '5' }).sweepIntervalSeconds,
    ).toBe(5);
  });

  it('watches every ten seconds and gives up after five resumes by default', () => {
    expect(readJanitorConfig({ DATABASE_URL })).toMatchObject({
      daemonTimeoutSeconds: 120,
      watchIntervalSeconds: 10,
      spawnTimeoutSeconds: 60,
      maxResumes: 5,
    });
  });

  it.each(['0', '-1', '1.5', 'hourly'])('names the variable when it refuses an interval of "%s"', (value) => {
    expect(() => readJanitorConfig({ DATABASE_URL, PATCHPOINT_SWEEP_INTERVAL_SECONDS: value })).toThrow(
      /PATCHPOINT_SWEEP_INTERVAL_SECONDS/,
    );
  });
});
