/** A step of the set-up failed. The message says which, why, and what to do; no stack trace is needed. */
export class SetUpError extends Error {
  name = 'SetUpError';
}
