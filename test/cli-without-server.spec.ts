import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '#testing';
import { runCli } from './testing/use-cli.js';

describe('patchpoint without a server', () => {
  const home = temporaryFolder();
  const alone = (args: string[], env: Record<string, string> = {}) =>
    runCli(home, args, { PATCHPOINT_SERVER: '', ...env });

  it('says which flag is wrong, and that there is no server', async () => {
    const [flag, choice, none, refused] = await Promise.all([
      alone(['tasks', '--odd']),
      alone(['tasks', '--state', 'odd']),
      alone(['status']),
      alone(['status'], { PATCHPOINT_SERVER: 'http://127.0.0.1:1' }),
    ]);
    expect([flag.exitCode, flag.stderr]).toEqual([2, expect.stringContaining("unknown option '--odd'")]);
    expect([choice.exitCode, choice.stderr]).toEqual([2, expect.stringContaining('Allowed choices are')]);
    expect([none.exitCode, none.stderr]).toEqual([4, expect.stringContaining('patchpoint up')]);
    expect([refused.exitCode, refused.stderr]).toEqual([4, expect.stringContaining('does not answer')]);
  });

  it('does not start anything on a port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const dataDir = join(home, 'never');
    const up = await alone(['up', '--port', String(port), '--data-dir', dataDir]);
    taken.close();
    expect([up.exitCode, up.stderr]).toEqual([1, expect.stringContaining(`Port ${port} is taken`)]);
    expect(existsSync(dataDir)).toBe(false);
  });
});
