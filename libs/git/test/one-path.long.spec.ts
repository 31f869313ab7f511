import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { commitWip } from '../src/capture/commit-wip.js';
import { asNobody } from '../testing/as-nobody.js';
import { git, gitBytes, makeSite, write, type Site } from '../testing/repositories.js';
import { capture, restore, type Captured } from '../testing/round-trip.js';

/** Of the database. */
const SIZE = 8 * 1024 * 1024;
const identity = { name: 'Patchpoint', email: 'patchpoint@localhost' };

describe('one path never costs the rest', () => {
  let site: Site;
  beforeEach(() => {
    site = makeSite();
    write(site.workDir, 'src/a.txt', 'the real work\n');
    write(site.workDir, 'zzz.txt', 'more of it\n');
  });
  afterEach(() => site.remove());

  /** What the captured tree holds, from the shadow. */
  const stored = ({ treeSha }: Captured, path: string): Buffer =>
    gitBytes(site.shadowDir, 'cat-file', 'blob', `${treeSha}:${path}`);

  function expectStored(captured: Captured): void {
    expect(stored(captured, 'src/a.txt').toString()).toBe('the real work\n');
    expect(stored(captured, 'zzz.txt').toString()).toBe('more of it\n');
  }

  async function expectTheRest(captured: Captured): Promise<void> {
    expectStored(captured);
    expect((await restore(site, captured)).treeSha).toBe(captured.treeSha);
  }

  /** Another process does something to `dev.db` without a pause, until the test is done with it. */
  async function whileWriting(program: string, test: () => Promise<void>): Promise<void> {
    write(site.workDir, 'dev.db', Buffer.alloc(SIZE, 'x'));
    const script = `const fs = require('fs'), f = fs.openSync('dev.db', 'r+');
      let i = 0; const size = ${SIZE};
      const step = () => { i += 1; ${program} };
      step(); console.log('writing'); for (;;) step();`;
    const writer = spawn(process.execPath, ['-e', script], { cwd: site.workDir });
    try {
      await once(writer.stdout, 'data');
      await test();
    } finally {
      const ended = once(writer, 'exit');
      writer.kill('SIGKILL');
      await ended;
    }
  }

  const REWRITES = `fs.writeSync(f, Buffer.alloc(4096, (i >> 11) % 251), 0, 4096, (i * 37 * 4096) % size);`;

  it.each([
    ['rewritten in place', REWRITES],
    ['cut off and filled again', `fs.ftruncateSync(f, i % 2 ? 1000 : size);`],
    ['growing', `fs.writeSync(f, Buffer.alloc(64, i), 0, 64, size + (i % 100000) * 64);`],
  ])('a file that is %s all the time', async (_, program) => {
    await whileWriting(program, async () => {
      for (let round = 1; round <= 3; round += 1) {
        const captured = await capture(site);
        expectStored(captured);
        expect(captured.omissions.filter(({ path }) => path !== 'dev.db')).toEqual([]);
        for (const { reason } of captured.omissions) expect(reason).toBe('changing');
        if (round === 1) await expectTheRest(captured);
      }
    });
  });

  it('the same in a WIP commit', async () => {
    await whileWriting(REWRITES, async () => {
      for (let round = 1; round <= 3; round += 1) {
        write(site.workDir, 'src/a.txt', `round ${round}\n`);
        const made = await commitWip({ worktreeDir: site.workDir, message: 'wip', push: false, identity });
        expect(made).toMatchObject({ outcome: 'committed' });
        expect(git(site.workDir, 'show', 'HEAD:src/a.txt')).toBe(`round ${round}`);
        expect(git(site.workDir, 'cat-file', '-s', 'HEAD:dev.db')).toBe(String(SIZE));
      }
    });
  });

  it('a tracked file that nobody may read keeps what was captured last', async () => {
    await asNobody(site.dir, async () => {
      write(site.workDir, 'known.txt', 'known\n');
      await capture(site);
      writeFileSync(join(site.workDir, 'known.txt'), 'edited\n');
      writeFileSync(join(site.workDir, 'readme.md'), 'edited\n');
      for (const name of ['known.txt', 'readme.md']) chmodSync(join(site.workDir, name), 0);
      const captured = await capture(site);
      expect(captured.omissions.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
        { path: 'known.txt', reason: 'unreadable' },
        { path: 'readme.md', reason: 'unreadable' },
      ]);
      expect(stored(captured, 'known.txt').toString()).toBe('known\n');
      expect(stored(captured, 'readme.md').toString()).toBe('hello\n');
      expectStored(captured);
    });
  });

  it('a path that is too long for the system calls', async () => {
    const name = 'n'.repeat(250);
    // Step by step: no call takes the whole path at once.
    const program = `for (let i = 0; i < 18; i += 1) { require('fs').mkdirSync('${name}'); process.chdir('${name}'); }
      require('fs').writeFileSync('deep.txt', 'x');`;
    const maker = spawn(process.execPath, ['-e', program], { cwd: site.workDir });
    expect(await once(maker, 'exit')).toEqual([0, null]);
    try {
      const captured = await capture(site);
      expect(captured.omissions).toHaveLength(1);
      expect(captured.omissions[0]!.path.length).toBeLessThanOrEqual(4096);
      expect(captured.omissions[0]!.path.startsWith(`${name}/${name}`)).toBe(true);
      await expectTheRest(captured);
    } finally {
      execFileSync('rm', ['-rf', join(site.workDir, name)]); // Node's own cannot
    }
  });
});
