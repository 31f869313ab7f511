import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '#testing';
import { findNatsServer } from './find-nats-server.js';

describe('findNatsServer', () => {
  it('prefers NATS_SERVER_BIN to the PATH', () => {
    const [named, onPath] = [fakeServer(), fakeServer()];
    expect(findNatsServer({ NATS_SERVER_BIN: named.program, PATH: onPath.folder })).toBe(named.program);
  });

  it('takes the first on the PATH that may be executed', () => {
    const [folderOfThatName, notExecutable, good] = [temporaryFolder(), fakeServer(), fakeServer()];
    mkdirSync(join(folderOfThatName, 'nats-server'));
    chmodSync(notExecutable.program, 0o644);
    const PATH = [folderOfThatName, notExecutable.folder, good.folder].join(':');
    expect(findNatsServer({ PATH })).toBe(good.program);
  });

  it('refuses a NATS_SERVER_BIN that is not there, instead of taking another', () => {
    const { folder } = fakeServer();
    expect(() => findNatsServer({ NATS_SERVER_BIN: '/no/such/program', PATH: folder })).toThrow(
      'NATS_SERVER_BIN names /no/such/program',
    );
  });
});

function fakeServer(): { folder: string; program: string } {
  const folder = temporaryFolder();
  const program = join(folder, 'nats-server');
  writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 });
  return { folder, program };
}
