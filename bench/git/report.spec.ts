import { describe, expect, it } from '@jest/globals';
import { format } from 'prettier';
import { writeReport, type Results, type Setting } from './report.js';
import { WHY_MISSED } from './why-missed.js';

const setting: Setting = {
  gitVersion: '2.39.5',
  nodeVersion: '20.20.2',
  platform: 'linux x64',
  cores: 4,
  loadAtStart: 0.25,
  repository: 'a generated repository',
  filesCount: 30_000,
  memoryFilesCount: 100_000,
  rounds: 9,
  patchBytes: 22_361,
  uncompressedPatchBytes: 66_926,
  takenAt: new Date('2026-01-02T03:04:05Z'),
};

const around = (median: number) => ({ median, min: median - 1, max: median + 1 });

function results(captureMs: number): Results {
  return {
    captures: {
      status: around(100),
      capture: around(captureMs),
      reference: around(400),
      idle: around(130),
      commitAndCapture: around(300),
    },
    restores: { restore: around(2000), bare: around(1600) },
    memory: {
      loadedBytes: 90e6,
      peakBytes: 149.94e6,
      patchBytes: 10e6,
      uncompressedPatchBytes: 13e6,
    },
  };
}

describe('writeReport', () => {
  it('says of every target whether it was met', () => {
    const verdicts = (report: string) => report.match(/\b(met|missed)(?= \|$)/gm);
    expect(verdicts(writeReport(results(160), setting))).toEqual(['met', 'met', 'met', 'met', 'met']);
    expect(verdicts(writeReport(results(161), setting))).toEqual(['missed', 'met', 'met', 'met', 'met']);
    expect(verdicts(writeReport(results(241), setting))).toEqual(['missed', 'missed', 'met', 'met', 'met']);
  });

  it('explains what was missed, and nothing else', () => {
    expect(writeReport(results(160), setting)).not.toContain('and why');
    const report = writeReport(results(161), setting);
    expect(report).toContain(`- capture ÷ \`git status\`: ${WHY_MISSED.capture}`);
    expect(report).not.toContain(WHY_MISSED.idle);
  });

  it('leaves memory out when it was not measured', () => {
    const report = writeReport({ ...results(160), memory: null }, setting);
    expect(report).toContain('Memory was not measured.');
    expect(report).not.toContain('150');
  });

  it('says when there were too few files for the targets', () => {
    expect(writeReport(results(160), setting)).not.toContain('25000');
    expect(writeReport(results(160), { ...setting, filesCount: 24_999 })).toContain('25000 and more');
  });

  it('writes what the formatter would', async () => {
    const report = writeReport(results(161), setting);
    expect(await format(report, { parser: 'markdown', printWidth: 110, singleQuote: true })).toBe(report);
  });
});
