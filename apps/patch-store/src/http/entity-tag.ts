/**
 * Pure: whether the client has the representation of this tag, by its `If-None-Match`. Express's `fresh`
 * always says no for `fetch`, which adds `no-cache` automatically.
 */
export function isKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map((given) => given.trim().replace(/^W\//, ''));
  return tags.some((given) => given === '*' || given === tag);
}
