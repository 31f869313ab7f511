/**
 * `npm run bench:git`: measures what libs/git promises about speed and memory, prints the report and writes
 * it to a file. With the defaults it takes some three minutes on a quiet machine of two cores, and some 5 GB
 * of disk meanwhile.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { arch, availableParallelism, loadavg, platform } from 'node:os';
import { basename, dirname, resolve } from 'node:path';
import { measureCaptures, type Captured } from './measure-captures.js';
import { measureMemory } from './measure-memory.js';
import { measureRestores } from './measure-restores.js';
import { readOptions, USAGE, type Options } from './options.js';
import { plainGit } from './plain-git.js';
import { writeReport } from './report.js';
import { makeScene, type Scene } from './scene.js';

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  console.error(`The benchmark failed: ${(error as Error).message}\n\n${USAGE}`);
  process.exitCode = 1;
}

async function main(options: Options): Promise<void> {
  const loadAtStart = loadavg()[0]!;
  const scene = await tell('setting up', () => makeScene(options));
  let report: string;
  try {
    const { times: captures, last } = await tell('captures', () => measureCaptures(scene, options.rounds));
    const restores = await tell('restores', () => measureRestores(scene, last, options.rounds));
    // Before anything is deleted: new files cost more after that, see measureRestores.
    const memory = await tell('memory', () => measureMemory(scene.folder, options.memoryFilesCount));
    report = writeReport(
      { captures, restores, memory },
      { ...(await describeMachine()), ...describeWork(options, scene, last), loadAtStart },
    );
  } finally {
    await tell('cleaning up', () => scene.remove());
  }
  await mkdir(dirname(options.reportFile), { recursive: true });
  await writeFile(options.reportFile, report);
  console.log(report);
}

async function describeMachine() {
  return {
    gitVersion: (await plainGit('/', ['--version'])).toString().trim().replace('git version ', ''),
    nodeVersion: process.versions.node,
    platform: `${platform()} ${arch()}`,
    cores: availableParallelism(),
    takenAt: new Date(),
  };
}

function describeWork(options: Options, scene: Scene, last: Captured) {
  return {
    repository:
      options.repository === undefined ? 'a generated repository' : basename(resolve(options.repository)),
    filesCount: scene.filesCount,
    memoryFilesCount: options.memoryFilesCount,
    rounds: options.rounds,
    patchBytes: last.patch!.sizeBytes,
    uncompressedPatchBytes: last.patch!.uncompressedSizeBytes,
  };
}

/** Says on standard error what takes so long. */
async function tell<T>(what: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  console.error(`${what}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return result;
}
