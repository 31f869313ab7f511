/** `patchpoint demo` with the real programs. */
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { packageFolder } from '#runtime';

const patchpoint = join(packageFolder(), 'dist/apps/cli/src/main.js');

describe('patchpoint demo', () => {
  it.each(['claude-code', 'codex'])(
    'loses a machine under %s, which goes on with its conversation',
    async (agent) => {
      const { stdout, exitCode } = await execa('node', [patchpoint, 'demo', '--agent', agent], {
        env: { PATH: `${process.env['PATCHPOINT_AGENT_PROGRAMS']!}:${process.env['PATH']}` },
        reject: false,
      });
      expect(stdout).toMatch(/^restored tree ([0-9a-f]{40}) equals captured tree \1$/m);
      const [, before, after] = /conversation +(\d+) messages .* (\d+) in the first call/.exec(stdout)!;
      expect(Number(after)).toBeGreaterThan(Number(before));
      expect(exitCode).toBe(0);
    },
  );
});
