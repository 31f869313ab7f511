import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { execaSync } from 'execa';
import { temporaryFolder } from '#testing';

const SIZE_BYTES = 12 * 1024 * 1024;

/** A disk of 12 MiB. */
export interface SmallDisk {
  /** Leaves not a byte. */
  fillUp(): void;
  makeRoom(): void;
}

/** Whether a tmpfs can be mounted here: on Linux, as root, outside of most containers. */
export function mayMount(): boolean {
  const folder = temporaryFolder();
  const isMounted = mount(folder);
  if (isMounted) unmount(folder);
  return isMounted;
}

/** The function returned mounts a new tmpfs at a folder; it is unmounted after the file or describe block. */
export function useSmallDisk(): (folder: string) => SmallDisk {
  const mounted: string[] = [];
  afterAll(() => mounted.forEach(unmount));
  return (folder) => {
    mkdirSync(folder, { recursive: true });
    if (!mount(folder)) throw new Error(`No tmpfs could be mounted at ${folder}.`);
    mounted.push(folder);
    const filler = join(folder, 'filler');
    return { fillUp: () => writeUntilFull(filler), makeRoom: () => rmSync(filler) };
  };
}

function mount(folder: string): boolean {
  const { exitCode } = execaSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_BYTES}`, 'tmpfs', folder], {
    reject: false,
  });
  return exitCode === 0;
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
