import { decideBundleCeiling, type BundleMode } from './decide-bundle.js';
import { makeBundle, type Bundle } from './make-bundle.js';

/**
 * The bundle of a captured state, where it is due and can be made.
 *
 * @param request as a CaptureRequest has it
 * @param patch null: it was over its ceiling, or not asked for
 */
export async function makeDueBundle(
  request: { anchorRef: string; maxPatchBytes: number; makePatch: boolean; bundle?: BundleMode },
  state: { gitDir: string; baseSha: string; commitsCount: number | null; signal?: AbortSignal | undefined },
  patch: { sizeBytes: number } | null,
): Promise<Bundle | null> {
  const { anchorRef, maxPatchBytes } = request;
  const { commitsCount } = state;
  const maxBundleBytes = decideBundleCeiling(request.makePatch ? (request.bundle ?? 'auto') : 'never', {
    diffSizeBytes: patch?.sizeBytes ?? null,
    commitsCount,
    maxPatchBytes,
  });
  if (maxBundleBytes === null || commitsCount === null) return null;
  return makeBundle({ ...state, commitsCount, anchorRef, maxBundleBytes });
}
