import { accessSync, constants } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { fetchWithApt } from './fetch-nats-with-apt.mjs';
import { installWithBrew } from './install-nats-with-brew.mjs';
import { SetUpError } from './set-up-error.mjs';

const ownFolder = resolve('.patchpoint', 'bin');

/**
 * The path of a nats-server: the one of NATS_SERVER_BIN, else on PATH, else fetched earlier, else fetched now
 * into `.patchpoint/bin`. No service is set up on the machine.
 */
export async function provideNatsServer() {
  const named = process.env.NATS_SERVER_BIN;
  if (named) {
    if (isProgram(named)) return resolve(named);
    throw new SetUpError(
      `NATS_SERVER_BIN names ${named}, which is not an executable file. Correct or unset it.`,
    );
  }
  const found = findNatsServer();
  if (found !== undefined) return found;

  const problem = process.platform === 'darwin' ? await installWithBrew() : await fetchWithApt(ownFolder);
  const fetched = findNatsServer();
  if (fetched !== undefined) return fetched;
  throw new SetUpError(
    `Patchpoint needs the program nats-server (2.9.10 or newer), which is not on PATH. ${problem}\n` +
      'Download it from https://nats.io/download/ and put it on PATH, or set NATS_SERVER_BIN to its path.',
  );
}

function findNatsServer() {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return [...folders, ownFolder].map((folder) => join(folder, 'nats-server')).find(isProgram);
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
