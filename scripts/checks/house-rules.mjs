/**
 * What formatter, linter, compiler and layers cannot say, checked over every source file that git knows. Each
 * fault is a line that names the place and the way out. Exit code 1 when there is one.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { commitFaults } from './commit-faults.mjs';
import { sourceFaults } from './source-faults.mjs';

const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
}).split('\0');

const files = listed
  .filter((path) => /\.(?:ts|mjs|js)$/.test(path))
  .flatMap((path) => {
    try {
      return [{ path, text: readFileSync(path, 'utf8') }];
    } catch {
      return []; // deleted, and not yet committed
    }
  });

const faults = [...sourceFaults(files), ...commitFaults()];
for (const fault of faults) console.error(fault);
console.log(`${files.length} source files: ${faults.length} against the house rules`);
process.exitCode = faults.length > 0 ? 1 : 0;
