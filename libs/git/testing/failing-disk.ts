import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTempDir } from './repositories.js';

const MEBIBYTE = 1024 * 1024;
const DISK_BYTES = 32 * MEBIBYTE;

/** A disk of 32 MiB, of which a half can be lost. */
export interface FailingDisk {
  /** From now on, reading what lay in the later half fails with EIO. Nothing can be written any more. */
  loseHalf(): void;
  unmount(): void;
}

/** Whether a file can be mounted as a disk here: on Linux, as root, outside of most containers. */
export function mayMountDisks(): boolean {
  const { dir, remove } = makeTempDir();
  try {
    mountFailingDisk(join(dir, 'disk'), join(dir, 'image')).unmount();
    return true;
  } catch {
    return false;
  } finally {
    remove();
  }
}

/**
 * Mounts an empty file system of which the blocks are those of a file: a real device, which fails for real
 * when that file is cut off.
 *
 * @param folder made
 * @param image made; outside of the folder
 */
export function mountFailingDisk(folder: string, image: string): FailingDisk {
  const mount = (options: string): void => void execFileSync('mount', ['-o', options, image, folder], QUIET);
  const unmount = (): void => void execFileSync('umount', [folder], QUIET);
  mkdirSync(folder);
  writeFileSync(image, '');
  truncateSync(image, DISK_BYTES);
  execFileSync('mkfs.ext4', ['-q', '-m0', '-O^has_journal', image], QUIET);
  mount('loop');
  rmSync(join(folder, 'lost+found'), { recursive: true });
  return {
    loseHalf: () => {
      // What was written is on the device, and no longer in memory.
      unmount();
      mount('loop,ro');
      truncateSync(image, DISK_BYTES / 2);
    },
    unmount,
  };
}

const QUIET = { stdio: 'pipe' } as const;
