/**
 * Pure: whether the client says, with `If-None-Match`, that it has the representation of this tag. Express's
 * `fresh` says no to `fetch`, which adds `no-cache` by itself.
 */
export function isKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map((given) => given.trim().replace(/^W\//, ''));
  return tags.some((given) => given === '*' || given === tag);
}
