import { MAX_PATCH_SIZE_BYTES } from '#contracts';

/** A patch of the maximum size in base64, and the rest of its body. */
export const MAX_BODY_BYTES = Math.ceil(MAX_PATCH_SIZE_BYTES / 3) * 4 + 64 * 1024;
