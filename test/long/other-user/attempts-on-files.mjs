import { accessSync, constants, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';

/** Each returns what it got: of paths, the first few. */
export function attemptsOnFiles({ dataDir = '', stateDir, paths }) {
  const running = join(stateDir ?? '', 'running');
  const credentials = join(dataDir, 'credentials');
  return {
    'list the data folder': () => list(dataDir),
    'list the credentials': () => list(credentials),
    'list the logs': () => list(join(dataDir, 'run')),
    'read the token': () => read(join(credentials, 'api-token')),
    'read the key of the services': () => read(join(credentials, 'nats-services.nk')),
    'read the key of a daemon': () => read(join(credentials, 'nats-daemon.daemon-1.nk')),
    'read the password of Postgres': () => read(join(dataDir, 'postgres/password')),
    'read a log': () => read(join(dataDir, 'run/patch-store.log')),
    'read any file that is known by its path': () => among(paths, constants.R_OK),
    'write any file that is known by its path': () => among(paths, constants.W_OK),
    'put a token of its own in the place of the other': () => write(join(credentials, 'api-token')),
    'put a file into the data folder': () => write(join(dataDir, 'planted')),
    'list the record of a running server': () => list(running),
    'put a record of a running server': () => write(join(running, 'planted.json')),
    'connect to a Unix socket': () => connectToAny(dataDir),
  };
}

function list(folder) {
  return unlessRefused(() => readdirSync(folder).join(' '));
}

function read(path) {
  return unlessRefused(() => readFileSync(path, 'utf8'));
}

function write(path) {
  return unlessRefused(() => {
    writeFileSync(path, 'planted by a stranger');
    return `wrote ${path}`;
  });
}

function among(paths, mode) {
  if (paths.length < 20) return `only ${paths.length} paths were tried`;
  const open = paths.filter((path) => unlessRefused(() => accessSync(path, mode) ?? path) !== undefined);
  return open.length === 0 ? undefined : open.slice(0, 5).join(' ');
}

/** Those with a path in the folders, or of a Postgres or of ours elsewhere. */
async function connectToAny(...folders) {
  const sockets = readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .flatMap((line) => /\s(\/.*)$/.exec(line)?.[1] ?? [])
    .filter((path) => folders.some((folder) => path.startsWith(folder)) || /PGSQL|patchpoint/.test(path));
  for (const path of sockets) {
    const isOpen = await new Promise((resolve) => {
      const socket = createConnection(path);
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    if (isOpen) return path;
  }
  return undefined;
}

/** Refused is what has no right; what is not there would be a test of nothing. */
export function unlessRefused(attempt, codes = ['EACCES', 'EPERM']) {
  try {
    return attempt();
  } catch (error) {
    if (codes.includes(error.code)) return undefined;
    return String(error);
  }
}
