import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { execa } from 'execa';
import { packageFolder } from '#runtime';
import { temporaryFolder } from '#testing';

it('a wrong file of runners keeps a daemon from starting, also while NATS does not answer', async () => {
  const file = join(temporaryFolder(), 'runners.json');
  writeFileSync(file, JSON.stringify({ broken: { start: ['agent'] } }));
  const main = join(packageFolder(), 'dist/apps/daemon-agent/src/main.js');
  const daemon = await execa(process.execPath, [main], {
    env: {
      NATS_URL: 'nats://127.0.0.1:1',
      PATCHPOINT_STATE_DIR: temporaryFolder(),
      PATCHPOINT_RUNNERS_FILE: file,
    },
    reject: false,
    timeout: 60_000,
  });
  expect(daemon.exitCode).toBe(78);
  expect(daemon.stderr).toContain(`PATCHPOINT_RUNNERS_FILE "${file}": runner "broken": stdin: `);
  expect(daemon.stderr).not.toMatch(/^\s+at /m);
});
