import { GitError } from '../run/git-error.js';

/**
 * - `checkpoint`: this checkpoint, or this form of it, cannot be restored; another may
 * - `order`: no checkpoint of this task can be restored here, until somebody changes something
 * - `circumstance`: the same may work later: a server is unreachable, a disk is full, or we do not know
 *   better
 */
export type RestoreFailure = 'checkpoint' | 'order' | 'circumstance';

/** Of git, of the wire and of the store alike: whoever finds such a fault says it with one of these codes. */
const OF_THE_CHECKPOINT: ReadonlySet<string> = new Set([
  'BASE_MISSING',
  'NO_BASE_COMMIT',
  'PATCH_EXPIRED',
  'PATCH_NOT_FOUND',
  'PATCH_INVALID',
  'PATCH_TOO_LARGE',
  'UNSAFE_PATH',
  'NOT_GZIP',
  'GZIP_CORRUPT',
  'SIZE_MISMATCH',
  'DIGEST_MISMATCH',
  'TREE_MISMATCH',
  'BAD_SHA',
]);

const OF_THE_CIRCUMSTANCES: ReadonlySet<string> = new Set([
  'SOURCE_UNREACHABLE',
  'CANNOT_WRITE',
  'GIT_FAILED',
]);

/**
 * Pure: what a failed restore says about the next try. The one table of this, for a resume and for a person.
 *
 * @param error with a `code` where it is a known failure
 * @param isRefusal whether an error that is not git's is a refusal by rule, which stands until somebody
 *   changes something. Anything else that is unknown counts as a circumstance
 */
export function judgeFailure(
  error: unknown,
  isRefusal: (error: unknown) => boolean = () => false,
): RestoreFailure {
  const code = codeOf(error);
  if (code !== undefined && OF_THE_CHECKPOINT.has(code)) return 'checkpoint';
  if (error instanceof GitError) return OF_THE_CIRCUMSTANCES.has(error.code) ? 'circumstance' : 'order';
  return isRefusal(error) ? 'order' : 'circumstance';
}

/**
 * Pure: whether another form of the same checkpoint (its diff, after its bundle) is worth a try. Also when
 * git fails for a reason that it does not name: that may lie in the form.
 */
export function mayTryOtherForm(error: unknown): boolean {
  const code = codeOf(error);
  return judgeFailure(error) === 'checkpoint' || (error instanceof GitError && code === 'GIT_FAILED');
}

function codeOf(error: unknown): string | undefined {
  const { code } = Object(error) as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}
