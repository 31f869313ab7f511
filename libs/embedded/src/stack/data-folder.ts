import { chmod, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Creates the data folder of a stack, a temporary one if none is given. Returns its absolute path. */
export async function prepareDataDir(dataDir: string | undefined): Promise<string> {
  if (dataDir !== undefined) {
    await mkdir(dataDir, { recursive: true });
    return resolve(dataDir);
  }
  const temporary = await mkdtemp(join(tmpdir(), 'patchpoint-'));
  await chmod(temporary, 0o711); // started by root, Postgres runs as another user and must get in
  return temporary;
}
