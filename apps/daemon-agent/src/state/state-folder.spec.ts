import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '#runtime';
import { temporaryFolder } from '#testing';
import { openStateFolder } from './state-folder.js';

const itAsRoot = process.geteuid?.() === 0 ? it : it.skip;

describe('openStateFolder', () => {
  it('closes all of it to other users, whatever it was before', () => {
    const root = join(temporaryFolder(), 'state');
    mkdirSync(join(root, 'spool'), { recursive: true });
    for (const path of [root, join(root, 'spool')]) chmodSync(path, 0o777);
    const paths = Object.values(openStateFolder(root)) as string[];
    expect(paths.filter((path) => (statSync(path).mode & 0o777) !== 0o700)).toEqual([]);
  });

  itAsRoot("refuses a folder that has been the agents', for whom it would follow links as root", () => {
    const root = temporaryFolder();
    chownSync(root, 65_534, 65_534);
    expect(() => openStateFolder(root)).toThrow(ConfigurationError);
    expect(() => openStateFolder(root)).toThrow(/another user \(65534\)[^]*PATCHPOINT_AGENT_USER/);
  });
});
