/**
 * `npm run bench:conversations`: what a conversation costs that is long already and goes on growing, on a
 * real Postgres and NATS. Writes a page. Takes some three minutes.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Logger } from '@nestjs/common';
import { startStack } from '#embedded';
import { measureGrowth, type Growth, type GrowthPlan } from './measure-growth.js';
import { writeReport } from './report.js';

Logger.overrideLogger(false);
const { values } = parseArgs({
  options: {
    'start-bytes': { type: 'string', default: '20000000' },
    'step-bytes': { type: 'string', default: '50000' },
    steps: { type: 'string', default: '60' },
    report: { type: 'string', default: 'docs/benchmarks/conversations.md' },
  },
});
const plan: GrowthPlan = {
  startBytes: Number(values['start-bytes']),
  stepBytes: Number(values['step-bytes']),
  stepsCount: Number(values.steps),
};
const loadAtStart = loadavg()[0]!;
const folder = await mkdtemp(join(tmpdir(), 'patchpoint-bench-'));
try {
  const stack = await startStack({
    ingestReplicas: 1,
    daemonIds: [],
    isOpen: true,
    onProgress: console.error,
  });
  const growths: Growth[] = [];
  try {
    for (const contents of ['code', 'random'] as const) {
      console.error(`a conversation of ${contents}`);
      growths.push(await measureGrowth(stack, folder, contents, plan));
    }
  } finally {
    await stack.stop();
  }
  const report = writeReport(plan, growths, {
    takenAt: new Date(),
    nodeVersion: process.versions.node,
    cores: availableParallelism(),
    loadAtStart,
  });
  await mkdir(dirname(values.report), { recursive: true });
  await writeFile(values.report, report);
  console.log(report);
} finally {
  await rm(folder, { recursive: true, force: true });
}
