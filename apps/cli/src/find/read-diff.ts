import { createHash } from 'node:crypto';
import type { PatchStoreClient } from '#client';
import { MAX_UNCOMPRESSED_PATCH_BYTES, type PatchInfo } from '#contracts';
import { gunzipWithCeiling } from '#git';
import { CliError } from '../errors/cli-error.js';

/** A patch with its bytes, verified to be those that were stored. */
export interface FetchedPatch {
  info: PatchInfo;
  data: Buffer;
}

/**
 * @throws CliError `DIGEST_MISMATCH` when the received bytes differ from the stored ones; PatchStoreError
 *   `PATCH_EXPIRED`
 */
export async function fetchPatch(client: PatchStoreClient, patchId: string): Promise<FetchedPatch> {
  const info = await client.patch(patchId);
  const data = await client.patchContent(patchId);
  const sha256 = createHash('sha256').update(data).digest('hex');
  if (sha256 === info.sha256) return { info, data };
  throw new CliError(`Patch ${patchId} arrived with SHA-256 ${sha256} instead of ${info.sha256}.`, {
    code: 'DIGEST_MISMATCH',
    nextStep: 'Try again; if it fails again, use an older checkpoint.',
  });
}

/** The text of a stored diff. Bytes that are not UTF-8 are shown as U+FFFD. */
export async function readDiff(client: PatchStoreClient, patchId: string): Promise<string> {
  const { data } = await fetchPatch(client, patchId);
  return (await gunzipWithCeiling(data, MAX_UNCOMPRESSED_PATCH_BYTES)).toString('utf8');
}
