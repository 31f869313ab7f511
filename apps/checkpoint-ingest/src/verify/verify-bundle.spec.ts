import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { MAX_PATCH_SIZE_BYTES } from '#contracts';
import { temporaryFolder } from '#testing';
import { verifyBundle } from './verify-bundle.js';

const claimsOf = (data: Buffer) => ({
  sha256: createHash('sha256').update(data).digest('hex'),
  sizeBytes: data.length,
});

function bundleByGit(objectFormat: string): Buffer {
  const cwd = join(temporaryFolder(), 'repository');
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
  const person = ['-c', 'user.name=n', '-c', 'user.email=n@example.com'];
  execFileSync('git', ['init', '-q', `--object-format=${objectFormat}`, cwd], { env });
  execFileSync('git', [...person, 'commit', '-q', '--allow-empty', '-m', 'first'], { cwd, env });
  return execFileSync('git', ['bundle', 'create', '-q', '-', 'HEAD'], { cwd, env });
}

describe('verifyBundle', () => {
  it.each(['sha1', 'sha256'])('takes what git makes of a %s repository', (objectFormat) => {
    const data = bundleByGit(objectFormat);
    expect(() => verifyBundle(data, claimsOf(data))).not.toThrow();
  });

  it.each([
    ['nothing', ''],
    ['half a signature', '# v2 git'],
    ['a version that git does not know', '# v4 git bundle\n'],
    ['a diff', 'diff --git a/a b/a\n'],
  ])('refuses %s', (_, text) => {
    const data = Buffer.from(text);
    expect(() => verifyBundle(data, claimsOf(data))).toThrow(
      expect.objectContaining({ code: 'PATCH_INVALID', path: 'bundleData' }),
    );
  });

  it.each([
    [{ sha256: '0'.repeat(64) }, 'DIGEST_MISMATCH', 'bundleSha256'],
    [{ sizeBytes: 3 }, 'SIZE_MISMATCH', 'bundleSizeBytes'],
  ])('refuses the false claim %j', (claim, code, path) => {
    const data = Buffer.from('# v2 git bundle\n');
    expect(() => verifyBundle(data, { ...claimsOf(data), ...claim })).toThrow(
      expect.objectContaining({ code, path }),
    );
  });

  it('refuses one over the limit', () => {
    const data = Buffer.alloc(MAX_PATCH_SIZE_BYTES + 1);
    expect(() => verifyBundle(data, claimsOf(data))).toThrow(
      expect.objectContaining({ code: 'PATCH_TOO_LARGE', path: 'bundleData' }),
    );
  });
});
