/**
 * `npm run test:faults -- --random`: under load, kills, freezes, stops and wipes components at random
 * moments, lets everything settle now and then, and compares what is stored with its own record. The same
 * seed makes the same choices; what they hit depends on the moment. Ends by itself, with exit code 1 when
 * anything was lost.
 */
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { Fleet } from './fleet.js';
import { readOptions, USAGE, type Options } from './options.js';
import { recordResult } from './record-result.js';
import { processesWith } from './task-processes.js';
import { runRounds, type Result } from './run-rounds.js';

try {
  process.exitCode = await main(readOptions(process.argv.slice(2), () => Date.now() % 1_000_000_000));
} catch (error) {
  console.error(`${(error as Error).stack}\n\n${USAGE}`);
  process.exitCode = 1;
}

async function main(options: Options): Promise<number> {
  Logger.overrideLogger(false);
  const folder = await mkdtemp(join(tmpdir(), 'patchpoint-faults-'));
  await chmod(folder, 0o711); // started by root, Postgres runs as another user and must get in
  console.log(`seed ${options.seed}, up to ${options.rounds} rounds or ${options.minutes} min, in ${folder}`);
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());
  const fleet = await Fleet.start(folder);
  let result: Result;
  try {
    result = await runRounds(fleet, options, stopping.signal, (line) => console.log(line));
  } finally {
    await fleet.stop();
  }
  const violations = [...result.violations, ...orphans(fleet)];
  console.log(summary(result, violations));
  if (options.record) await recordResult(options, result, violations.length);
  if (violations.length === 0) {
    await fleet.remove();
    return 0;
  }
  fleet.noteFailure(violations);
  console.log(`Logs and data: ${folder}\nRepeat it with: ${commandOf(options)}`);
  return 1;
}

function orphans(fleet: Fleet): string[] {
  return processesWith(fleet.marker).map(({ pid }) => {
    process.kill(pid, 'SIGKILL');
    return `process ${pid} outlived the fleet`;
  });
}

function summary(result: Result, violations: readonly string[]): string {
  const strikes = [...result.strikes].map(([name, count]) => `${name} ${count}`).join(', ');
  return [
    ...violations.map((violation) => `VIOLATED: ${violation}`),
    `${result.rounds} rounds (${strikes}): ${result.storedCount} checkpoints stored, ${result.lostCount} lost, ${violations.length} violations`,
  ].join('\n');
}

function commandOf({ seed, rounds, minutes, components }: Options): string {
  const component = components.length === 1 ? components[0] : 'all';
  return `npm run test:faults -- --random --seed ${seed} --rounds ${rounds} --minutes ${minutes} --component ${component}`;
}
