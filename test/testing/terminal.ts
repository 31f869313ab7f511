import { execa, type ResultPromise } from 'execa';
import { expect } from '@jest/globals';
import { packageFolder } from '#runtime';
import { eventually } from '#testing';

/** A program in a terminal of its own, which Ctrl-C reaches as a person's would: every process of it. */
export interface Terminal {
  /** What it has printed so far. */
  output: () => string;
  says: (pattern: RegExp) => Promise<void>;
  /** Of the shell, or of what it was replaced by with `exec`. */
  pid: () => number;
  /** Resolves to its exit code. */
  interrupt: () => Promise<number | undefined>;
}

/** Runs a shell command in the folder of the package. */
export function openTerminal(command: string, env: Readonly<Record<string, string>>): Terminal {
  const child: ResultPromise = execa(command, {
    cwd: packageFolder(),
    env,
    reject: false,
    shell: true,
    detached: true,
    all: true,
    buffer: false,
  });
  let output = '';
  child.all!.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return {
    output: () => output,
    pid: () => child.pid!,
    says: async (pattern) => {
      await eventually(() => expect(output).toMatch(pattern), { timeoutMs: 60_000 });
    },
    interrupt: async () => {
      process.kill(-child.pid!, 'SIGINT');
      return (await child).exitCode;
    },
  };
}
