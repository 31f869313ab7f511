import { GitError } from '../run/git-error.js';

/** The id of the empty tree, which every repository knows without storing it. */
export const EMPTY_TREE_SHA1 = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
export const EMPTY_TREE_SHA256 = '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321';

export type ObjectFormat = 'sha1' | 'sha256';

/** An object id written in full: 40 hex digits, or 64 in a SHA-256 repository. */
export function isSha(value: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(value);
}

/** @throws GitError `BAD_SHA` */
export function requireSha(value: string, name: string): void {
  if (isSha(value)) return;
  throw new GitError('BAD_SHA', `${name} is not an object id: ${JSON.stringify(value)}.`, {
    nextStep: 'Give all 40 (or, with SHA-256, 64) hex digits in lower case.',
  });
}

export function isEmptyTree(sha: string): boolean {
  return sha === EMPTY_TREE_SHA1 || sha === EMPTY_TREE_SHA256;
}

export function emptyTreeOf(format: ObjectFormat): string {
  return format === 'sha256' ? EMPTY_TREE_SHA256 : EMPTY_TREE_SHA1;
}

export function objectFormatOf(sha: string): ObjectFormat {
  return sha.length === 64 ? 'sha256' : 'sha1';
}
