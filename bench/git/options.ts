import { parseArgs } from 'node:util';

export interface Options {
  /** An existing repository to measure instead of a generated one; it is cloned, never written to. */
  repository: string | undefined;
  /** Of the generated repository. */
  filesCount: number;
  /** Timed rounds, after one that is not timed. */
  rounds: number;
  /** Of the worktree that is captured for the measurement of memory; 0 skips it. */
  memoryFilesCount: number;
  /** Where the report goes. */
  reportFile: string;
}

export const USAGE = `Usage: npm run bench:git -- [options]
  --repo PATH          measure this repository instead of a generated one (it is only cloned)
  --files N            files of the generated repository (30000)
  --rounds N           timed rounds (7)
  --memory-files N     files of the worktree whose capture's memory is measured; 0 skips it (100000)
  --report FILE        where to write the report (docs/benchmarks/git.md)`;

/** @throws Error for an unknown option or one that is not a number */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      repo: { type: 'string' },
      files: { type: 'string', default: '30000' },
      rounds: { type: 'string', default: '7' },
      'memory-files': { type: 'string', default: '100000' },
      report: { type: 'string', default: 'docs/benchmarks/git.md' },
    },
  });
  return {
    repository: values.repo,
    filesCount: wholeNumber('--files', values.files, 100),
    rounds: wholeNumber('--rounds', values.rounds, 1),
    memoryFilesCount: wholeNumber('--memory-files', values['memory-files'], 0),
    reportFile: values.report,
  };
}

function wholeNumber(option: string, value: string, least: number): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= least) return number;
  throw new Error(`${option} is ${value}; it must be a whole number of at least ${least}.`);
}
