import type { ErrorCode } from '../fields/error-codes.js';

/** RFC 9457, with the error code that is used everywhere in Patchpoint. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  /** Absent for an error in the use of HTTP itself (no such route, wrong method). */
  code?: ErrorCode | 'INTERNAL';
  /** The field at fault, dotted from the top of the body. */
  path?: string;
}
