import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '#testing';
import { reachableDataDir, reachablePrograms, removeDataDir } from './reachable-place.js';
import { findServerUser, isReachable } from './server-user.js';

const user = findServerUser();
/** Only root runs Postgres as another user. */
const itAsRoot = user === undefined ? it.skip : it;

describe('places for a Postgres that runs as another user', () => {
  /** Where only root can look, like /root. */
  let closed: string;
  let open: string;
  beforeEach(() => {
    closed = temporaryFolder();
    chmodSync(closed, 0o700);
    open = temporaryFolder();
    chmodSync(open, 0o755);
  });

  it('uses the data folder itself when the user can enter it', async () => {
    expect(await reachableDataDir(join(open, 'data'), user)).toBe(join(open, 'data'));
  });

  itAsRoot('opens a data folder of its own that is closed', async () => {
    const dataDir = join(open, 'data');
    mkdirSync(dataDir, { mode: 0o700 });
    expect(await reachableDataDir(dataDir, user)).toBe(dataDir);
  });

  itAsRoot('puts the data elsewhere when the way there is closed, and finds it again', async () => {
    const dataDir = join(closed, 'data');
    const place = await reachableDataDir(dataDir, user, open);
    expect(await readlink(dataDir)).toBe(place);
    expect(place.startsWith(open)).toBe(true);
    expect(isReachable(place, user!)).toBe(true);
    expect(await reachableDataDir(dataDir, user, open)).toBe(place);

    await removeDataDir(dataDir);
    expect(await readdir(open)).toEqual([]);
    expect(await readdir(closed)).toEqual([]);
  });

  itAsRoot('never moves data that is already there', async () => {
    const dataDir = join(closed, 'data');
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'precious'), 'data');
    await expect(reachableDataDir(dataDir, user, open)).rejects.toThrow('set PATCHPOINT_DATA_DIR');
    expect(await readFile(join(dataDir, 'precious'), 'utf8')).toBe('data');
  });

  itAsRoot('copies programs out of a closed folder, once', async () => {
    const home = join(closed, 'native');
    mkdirSync(join(home, 'bin'), { recursive: true });
    writeFileSync(join(home, 'bin', 'postgres'), '#!/bin/sh\n', { mode: 0o755 });
    const programs = { home, version: '18.0' };

    const places = await Promise.all([
      reachablePrograms(programs, user, open),
      reachablePrograms(programs, user, open),
    ]);

    expect(places).toEqual([join(open, 'postgres-18.0'), join(open, 'postgres-18.0')]);
    expect(await readdir(open)).toEqual(['postgres-18.0']);
    const { ino } = await stat(await realpath(places[0]!));
    expect((await stat(await reachablePrograms(programs, user, open))).ino).toBe(ino);
  });
});
