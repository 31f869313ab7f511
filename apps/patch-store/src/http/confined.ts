import { SetMetadata } from '@nestjs/common';

/**
 * How an endpoint keeps a caller who is confined to an owner or a pool from the rest. `task`, `patch`: the
 * `id` of its path names one, and what the caller does not see is not found. `by-handler`: its handler gives
 * the caller to what it asks.
 */
export type Confinement = 'task' | 'patch' | 'by-handler';

export const CONFINEMENT = 'patchpoint:confinement';

/** An endpoint without this refuses who is confined. */
export const Confined = (how: Confinement) => SetMetadata(CONFINEMENT, how);
