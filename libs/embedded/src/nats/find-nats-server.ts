import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { EmbeddedError } from '../embedded-error.js';

/**
 * The path of a nats-server program: the one that `NATS_SERVER_BIN` names, else the first on `PATH`, else
 * the one that `scripts/bootstrap.mjs` fetched to `.patchpoint/bin` of the working folder.
 */
export function findNatsServer(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment['NATS_SERVER_BIN'];
  if (named) {
    if (isProgram(named)) return resolve(named);
    throw new EmbeddedError(
      `NATS_SERVER_BIN names ${named}, which is not an executable file. Correct or unset it.`,
    );
  }
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = [...folders, resolve('.patchpoint', 'bin')].map((folder) => join(folder, 'nats-server'));
  const found = candidates.find(isProgram);
  if (found === undefined) {
    throw new EmbeddedError(
      'Cannot find nats-server: NATS_SERVER_BIN is not set, and it is neither on PATH nor in .patchpoint/bin. ' +
        'Run `npm start` or `npm test` once (they fetch it), or install it from https://nats.io/download/.',
    );
  }
  return found;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
