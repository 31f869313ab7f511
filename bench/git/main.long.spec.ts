import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { temporaryFolder } from '#testing';

/** The built program, as `npm run bench:git` runs it, on so few files that no time means anything. */
const PROGRAM = 'dist/bench/git/main.js';

describe('bench:git', () => {
  it('measures every contender and writes the report', async () => {
    const reportFile = join(temporaryFolder(), 'new', 'report.md');
    const options = ['--files', '200', '--memory-files', '200', '--rounds', '1', '--report', reportFile];
    const { stdout } = await execa(process.execPath, [PROGRAM, ...options]);
    const report = readFileSync(reportFile, 'utf8');
    expect(stdout.trim()).toBe(report.trim());
    expect(report.match(/\b(met|missed)(?= \|$)/gm)).toHaveLength(5);
    expect(report).toContain('200 files (the targets are for 25000 and more)');
    expect(report).not.toMatch(/NaN|undefined/);
  });

  it('explains its options when it does not understand one', async () => {
    const { exitCode, stderr } = await execa(process.execPath, [PROGRAM, '--rounds', 'many'], {
      reject: false,
    });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('--rounds is many; it must be a whole number of at least 1.');
    expect(stderr).toContain('Usage: npm run bench:git');
  });
});
