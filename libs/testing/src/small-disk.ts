import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { execaSync } from 'execa';
import { temporaryFolder } from './temporary-folder.js';

/** A disk that is soon full. */
export interface SmallDisk {
  /** Leaves not a byte. */
  fillUp(): void;
  makeRoom(): void;
}

/** Whether a tmpfs can be mounted here: on Linux, as root, outside of most containers. */
export function mayMount(): boolean {
  const folder = temporaryFolder();
  const isMounted = mount(folder, 1024 * 1024) === undefined;
  if (isMounted) unmount(folder);
  return isMounted;
}

/**
 * The function returned mounts a new tmpfs at a folder; it is unmounted after the file or describe block.
 *
 * @throws Error (the function) where none may be mounted: a test that needs one fails there
 */
export function useSmallDisk(sizeBytes: number): (folder: string) => SmallDisk {
  const mounted: string[] = [];
  afterAll(() => mounted.forEach(unmount));
  return (folder) => {
    mkdirSync(folder, { recursive: true });
    const refusal = mount(folder, sizeBytes);
    if (refusal !== undefined) {
      throw new Error(
        `This test needs a small disk, which only root of a Linux machine may mount: ${refusal}`,
      );
    }
    mounted.push(folder);
    const filler = join(folder, 'filler');
    return { fillUp: () => writeUntilFull(filler), makeRoom: () => rmSync(filler) };
  };
}

/** @returns why it was not mounted; undefined when it was */
function mount(folder: string, sizeBytes: number): string | undefined {
  const args = ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'tmpfs', folder];
  const { failed, stderr, shortMessage } = execaSync('mount', args, { reject: false });
  return failed ? stderr || shortMessage : undefined;
}

/** Lazily: a process of the test may still have a file open there. */
function unmount(folder: string): void {
  execaSync('umount', ['--lazy', folder], { reject: false });
}

function writeUntilFull(file: string): void {
  const descriptor = openSync(file, 'w');
  const block = Buffer.alloc(4096);
  try {
    for (;;) writeSync(descriptor, block);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(descriptor);
  }
}
