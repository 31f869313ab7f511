import { ValidateIf } from 'class-validator';

/*
 * A checkpoint may come with a patch, a bundle, both or neither; the digest of each shows which. The fields
 * of each are all present or all absent.
 */

interface Digests {
  patchSha256?: string;
  bundleSha256?: string;
  conversation?: object;
  conversationSha256?: string;
}

export const withPatch = () => ValidateIf((message: Digests) => message.patchSha256 !== undefined);

export const withBundle = () => ValidateIf((message: Digests) => message.bundleSha256 !== undefined);

export const withConversation = () =>
  ValidateIf(
    ({ conversation, conversationSha256 }: Digests) =>
      conversation !== undefined || conversationSha256 !== undefined,
  );

export const withPatchOrBundle = () => ValidateIf(hasPatchOrBundle);

/**
 * Whether a message comes with a state that can be restored. A checkpoint without one only counts what
 * changed; a task or a reply without one names no checkpoint.
 */
export function hasPatchOrBundle({ patchSha256, bundleSha256 }: Digests): boolean {
  return patchSha256 !== undefined || bundleSha256 !== undefined;
}
