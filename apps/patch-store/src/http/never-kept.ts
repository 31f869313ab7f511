import { SetMetadata } from '@nestjs/common';

export const NEVER_KEPT = 'patchpoint:never-kept';

/** The answer holds a secret: it is kept for no retry, and an `Idempotency-Key` is ignored. */
export const NeverKept = () => SetMetadata(NEVER_KEPT, true);
