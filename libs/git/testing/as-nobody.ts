import { execFileSync } from 'node:child_process';

const NOBODY = 65_534;

/** Runs a test as a user who may not read everything; as the current user if that is not root. */
export async function asNobody(dir: string, test: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return test();
  execFileSync('chown', ['-R', String(NOBODY), dir]);
  process.seteuid!(NOBODY);
  try {
    await test();
  } finally {
    process.seteuid!(0);
  }
}
