import { GitError } from '../run/git-error.js';
import { isSha, type ObjectFormat } from '../values/sha.js';

const LINE_FEED = 0x0a;

/** What a bundle says of itself before its pack begins; the format is gitformat-bundle(5). */
export interface BundleHeader {
  objectFormat: ObjectFormat;
  /** Commits that whoever unpacks it must have. */
  prerequisites: string[];
  refs: { sha: string; name: string }[];
  packOffset: number;
}

/** @throws GitError `PATCH_INVALID` */
export function readBundleHeader(data: Buffer): BundleHeader {
  const header: BundleHeader = { objectFormat: 'sha1', prerequisites: [], refs: [], packOffset: 0 };
  const signature = nextLine(data, header);
  if (signature !== '# v2 git bundle' && signature !== '# v3 git bundle') {
    throw invalidBundle('does not begin as one');
  }
  for (let line = nextLine(data, header); line !== ''; line = nextLine(data, header)) {
    if (line.startsWith('@')) readCapability(line.slice(1), header);
    else if (line.startsWith('-')) header.prerequisites.push(shaAtStart(line.slice(1)));
    else header.refs.push({ sha: shaAtStart(line), name: line.slice(line.indexOf(' ') + 1) });
  }
  return header;
}

export function invalidBundle(why: string, cause?: unknown): GitError {
  return new GitError('PATCH_INVALID', `The bundle cannot be used: it ${why}.`, {
    nextStep: 'Restore from the diff of this checkpoint, or from an older one.',
    cause,
  });
}

function nextLine(data: Buffer, header: BundleHeader): string {
  const end = data.indexOf(LINE_FEED, header.packOffset);
  if (end === -1) throw invalidBundle('ends within its header');
  const line = data.toString('latin1', header.packOffset, end);
  header.packOffset = end + 1;
  return line;
}

function readCapability(capability: string, header: BundleHeader): void {
  switch (capability) {
    case 'object-format=sha1':
      header.objectFormat = 'sha1';
      return;
    case 'object-format=sha256':
      header.objectFormat = 'sha256';
      return;
    default:
      throw invalidBundle(`needs ${JSON.stringify(capability)}`);
  }
}

function shaAtStart(line: string): string {
  const sha = line.split(' ', 1)[0]!;
  if (!isSha(sha)) throw invalidBundle(`names ${JSON.stringify(sha)} where an object id belongs`);
  return sha;
}
