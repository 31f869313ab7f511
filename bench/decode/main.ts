/**
 * `npm run bench:decode`: what it costs to refuse hostile messages of growing sizes, and to read those that
 * daemons send, beside the former function. Writes a page. Takes half a minute.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { measureReadings, measureRefusals } from './measure-decoding.js';
import { writeReport } from './report.js';

const { values } = parseArgs({
  options: { report: { type: 'string', default: 'docs/benchmarks/decode.md' } },
});
const loadAtStart = loadavg()[0]!;
const readings = measureReadings([600, 100_000]);
const refusals = measureRefusals([62_500, 125_000, 250_000, 500_000, 1_000_000]);
const report = writeReport(refusals, readings, {
  takenAt: new Date(),
  nodeVersion: process.versions.node,
  cores: availableParallelism(),
  loadAtStart,
});
await mkdir(dirname(values.report), { recursive: true });
await writeFile(values.report, report);
console.log(report);
