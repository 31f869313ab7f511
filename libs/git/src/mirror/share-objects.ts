import { constants } from 'node:fs';
import { copyFile, link, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Makes a repository read what it lacks from a mirror, which never drops anything. */
export async function borrowObjects(mirrorDir: string, gitDir: string): Promise<void> {
  const file = join(gitDir, 'objects', 'info', 'alternates');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${join(mirrorDir, 'objects')}\n`);
}

/**
 * Gives a repository all objects of a mirror for its own, as `git clone --local` does: by hard links, which
 * cost no space, since git never writes into a file that holds objects; by copies on another file system.
 * Nothing of the mirror is needed afterwards. What a fetch brings meanwhile may be left out.
 */
export async function takeObjects(mirrorDir: string, gitDir: string): Promise<void> {
  const from = join(mirrorDir, 'objects');
  const to = join(gitDir, 'objects');
  const folders = await readdir(from);
  for (const folder of folders.filter((name) => /^[0-9a-f]{2}$/.test(name))) {
    await takeLoose(join(from, folder), join(to, folder));
  }
  // Last: a `git gc` that somebody runs in the mirror meanwhile moves objects into packs, and drops no pack.
  await takePacks(join(from, 'pack'), join(to, 'pack'));
}

async function takeLoose(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const names = (await readdir(from)).filter((name) => /^[0-9a-f]+$/.test(name));
  for (const name of names) await take(join(from, name), join(to, name));
}

/** Begins with the index of each pack, which git writes last: the pack is whole then. */
async function takePacks(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const indexes = (await readdir(from)).filter((name) => /^pack-.*\.idx$/.test(name));
  for (const index of indexes) {
    const pack = index.replace(/idx$/, 'pack');
    for (const name of [pack, index]) await take(join(from, name), join(to, name));
  }
}

async function take(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch {
    // Another file system, or one that knows no links.
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  }
}
