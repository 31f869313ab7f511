import type { OmissionReason } from '../values/omission.js';

/** Something may be at a path, which cannot be looked at. */
export class Unseen {
  constructor(readonly reason: OmissionReason) {}
}
