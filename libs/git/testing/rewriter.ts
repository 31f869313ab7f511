import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Another process, which rewrites a file in place without a pause: each version is one letter, repeated, and
 * written by one call. Between two bunches of them it hears whether it is to stop.
 */
const PROGRAM = `
const fs = require('fs');
let file, versions, at = 0;
const rewrite = () => {
  if (file === undefined) return;
  for (let i = 0; i < 20; i += 1) fs.writeSync(file, versions[at++ % versions.length], 0, undefined, 0);
  setImmediate(rewrite);
};
process.on('message', ({ path, sizeBytes }) => {
  if (path !== undefined) {
    file = fs.openSync(path, 'r+');
    versions = [...'bcdefghijklmnopqrstuvwxyz'].map((letter) => Buffer.alloc(sizeBytes, letter));
    rewrite();
  } else {
    fs.closeSync(file);
    file = undefined;
  }
  process.send('done');
});`;

/** One for all cases of a test: it takes longer to start than a case may take. */
export class Rewriter {
  private child: ChildProcess | undefined;

  /** Resolves when the file has been rewritten, and goes on. */
  async begin(path: string, sizeBytes: number): Promise<void> {
    this.child ??= spawn(process.execPath, ['-e', PROGRAM], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await this.tell({ path, sizeBytes });
  }

  /** Resolves when the file holds still. */
  async stop(): Promise<void> {
    await this.tell({});
  }

  async end(): Promise<void> {
    if (this.child === undefined) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  private async tell(order: { path?: string; sizeBytes?: number }): Promise<void> {
    const done = once(this.child!, 'message');
    this.child!.send(order);
    await done;
  }
}

/**
 * Whether a file holds what the rewriter wrote, all of it: one version, or parts of several, as one read in
 * the middle of a write gives them. A read may always be torn, and nobody can tell: the writer may have been
 * put to sleep in the middle.
 */
export function isRewritten(dir: string, path: string, sizeBytes: number): boolean {
  const content = readFileSync(join(dir, path));
  return content.length === sizeBytes && content.every((byte) => byte >= 0x62 && byte <= 0x7a);
}
