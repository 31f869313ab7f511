import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeTempDir } from '../../testing/repositories.js';
import { copyOnce } from './copy-once.js';

describe('copyOnce', () => {
  let temp: ReturnType<typeof makeTempDir>;
  let from: string;
  let to: string;
  beforeEach(() => {
    temp = makeTempDir();
    [from, to] = [join(temp.dir, 'from'), join(temp.dir, 'to')];
  });
  afterEach(() => temp.remove());

  const copy = () => copyOnce(Buffer.from(from), to);

  it('copies a file that holds still, for this user alone', async () => {
    writeFileSync(from, 'x'.repeat(3_000_000));
    chmodSync(from, 0o755);
    expect(await copy()).toEqual({ executable: true, ofOneMoment: true });
    expect(readFileSync(to).equals(readFileSync(from))).toBe(true);
    expect(statSync(to).mode & 0o777).toBe(0o600);
  });

  it('says when the file changed while it was read, and stops at the end that it had', async () => {
    const sizeBytes = 64 * 1024 * 1024;
    writeFileSync(from, '');
    truncateSync(from, sizeBytes);
    const done = new AbortController();
    const copied = copy().finally(() => done.abort());
    while (!done.signal.aborted) {
      appendFileSync(from, 'x');
      await setImmediate();
    }
    expect(await copied).toEqual({ executable: false, ofOneMoment: false });
    expect(statSync(to).size).toBeLessThan(statSync(from).size);
  });

  it('copies nothing but regular files, and waits for nobody', async () => {
    symlinkSync('/etc/hostname', from);
    await expect(copy()).rejects.toMatchObject({ code: 'ELOOP' });
    from = join(temp.dir, 'pipe');
    execFileSync('mkfifo', [from]);
    expect(await copy()).toBe('changing');
  });
});
