import type { PatchFormat } from '#contracts';
import type { StoredPatch } from '#database';

/** A form in which the bytes of a patch are served. */
export interface Representation {
  contentType: string;
  fileName: string;
  /** Distinguishes this form of these bytes from every other. */
  etag: string;
  /**
   * The stored bytes as they are, so that their length is known and any part can be read; else the unpacked
   * diff.
   */
  isStored: boolean;
}

const STORED: Record<PatchFormat, { contentType: string; suffix: string }> = {
  'git-diff': { contentType: 'application/gzip', suffix: 'patch.gz' },
  'git-bundle': { contentType: 'application/x-git-bundle', suffix: 'bundle' },
};

/** Pure: the forms that a patch can have over HTTP, the default first. */
export function representations({ id, format, sha256 }: StoredPatch): [Representation, ...Representation[]] {
  const { contentType, suffix } = STORED[format];
  const stored = { contentType, fileName: `${id}.${suffix}`, etag: `"${sha256}"`, isStored: true };
  if (format !== 'git-diff') return [stored];
  // The files in a diff have any encoding, or none: no charset is claimed.
  const diff = {
    contentType: 'text/x-diff',
    fileName: `${id}.patch`,
    etag: `"${sha256}-diff"`,
    isStored: false,
  };
  return [stored, diff];
}
