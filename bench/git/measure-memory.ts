import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeFlags } from '#embedded';
import { randomNumbers } from './random.js';
import { fillScene } from './scene.js';

/** What a process that captured a worktree held in memory. */
export interface CaptureMemory {
  /** Resident when everything was loaded, before the capture. */
  loadedBytes: number;
  /** The most that was ever resident. */
  peakBytes: number;
  /** Compressed, as it is held and sent. */
  patchBytes: number;
  uncompressedPatchBytes: number;
}

const NEW_FILES = 50;
/** Random letters shrink to three quarters: fifty of these make a patch just below the limit of 10 MiB. */
const NEW_FILE_BYTES = 265_000;

/**
 * Captures for the first time a worktree of `filesCount` files with 10 MB of new work, in a process of its
 * own.
 *
 * @param parentDir where the worktree is made, and left
 * @returns null for no files
 */
export async function measureMemory(parentDir: string, filesCount: number): Promise<CaptureMemory | null> {
  if (filesCount === 0) return null;
  const scene = await fillScene(join(parentDir, 'memory'), { repository: undefined, filesCount });
  const worktreeDir = await scene.addWorktree('memory');
  await addLargeFiles(join(worktreeDir, 'large'));
  return captureAlone(worktreeDir, scene.baseBranch);
}

/** Text of random letters: as diff and gzip see it, the most expensive kind of text. */
async function addLargeFiles(folder: string): Promise<void> {
  const random = randomNumbers(10);
  await mkdir(folder);
  for (let number = 0; number < NEW_FILES; number += 1) {
    const bytes = Uint8Array.from({ length: NEW_FILE_BYTES * 0.75 }, () => random() * 256);
    const lines = Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,76}/g)!;
    await writeFile(join(folder, `new-${number}.txt`), `${lines.join('\n')}\n`);
  }
}

async function captureAlone(worktreeDir: string, baseBranch: string): Promise<CaptureMemory> {
  const program = fileURLToPath(new URL('capture-alone.js', import.meta.url));
  const child = fork(program, [worktreeDir, `${worktreeDir}.shadow`, baseBranch], {
    execArgv: nodeFlags('daemon-agent'),
  });
  let memory: CaptureMemory | undefined;
  child.once('message', (message) => (memory = message as CaptureMemory));
  const [code] = await once(child, 'exit');
  if (memory === undefined)
    throw new Error(`The capture in a process of its own ended with ${code}, without a result.`);
  return memory;
}
