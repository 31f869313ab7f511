import type { OutgoingHttpHeaders } from 'node:http';
import type { PatchFormat } from '#contracts';
import type { StoredPatch } from '#database';

/** What the bytes of a format are to HTTP, and how their file is best called. */
const FILES: Record<PatchFormat, { contentType: string; suffix: string }> = {
  'git-diff': { contentType: 'application/gzip', suffix: 'patch.gz' },
  'git-bundle': { contentType: 'application/x-git-bundle', suffix: 'bundle' },
};

/** Pure: how the bytes of a patch are announced. */
export function contentHeaders({ id, format, patchSizeBytes }: StoredPatch): OutgoingHttpHeaders {
  const { contentType, suffix } = FILES[format];
  return {
    'Content-Type': contentType,
    'Content-Length': patchSizeBytes,
    'Content-Disposition': `attachment; filename="${id}.${suffix}"`,
  };
}
