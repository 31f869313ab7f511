import { SetMetadata } from '@nestjs/common';
import type { Scope } from '#contracts';

export const NEEDED_SCOPES = 'patchpoint:needed-scopes';

/** The scopes that a caller of this endpoint must have, all of them. One without this is for `admin`. */
export const Needs = (...scopes: [Scope, ...Scope[]]) => SetMetadata(NEEDED_SCOPES, scopes);
