import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { constants, open } from 'node:fs/promises';
import { joinPath, lookAtEach } from '../worktree/lstat-path.js';
import { Unseen } from '../worktree/unseen.js';
import type { OmissionReason } from '../values/omission.js';
import type { ObjectFormat } from '../values/sha.js';
import type { SecretFinding } from './judge-secret.js';
import { readScanMemory, writeScanMemory, type WithheldFile } from './scan-memory.js';

const MAX_RULES_LENGTH = 150;

/** Pure: why a file is not in a checkpoint, as an omission says it. */
export function reasonWithheld({
  rules,
  isUnscanned,
}: Pick<SecretFinding, 'rules' | 'isUnscanned'>): OmissionReason {
  return `secret: ${isUnscanned ? 'not-scanned' : rules.join(', ').slice(0, MAX_RULES_LENGTH)}`;
}

/**
 * Files that earlier captures left out and that are still the same, with the reason: they are not hashed and
 * searched with every capture.
 *
 * @param staysOut whether it is still to be left out
 */
export async function stillWithheld(
  shadowDir: string,
  worktreeDir: string,
  staysOut: (finding: SecretFinding) => boolean,
): Promise<Map<string, OmissionReason>> {
  const { withheld } = await readScanMemory(shadowDir);
  const asked = Object.entries(withheld).filter(([path, file]) =>
    staysOut({ ...file, path, isUntracked: true }),
  );
  const known = new Map<string, WithheldFile>(asked);
  const same = new Map<string, OmissionReason>();
  const paths = asked.map(([path]) => Buffer.from(path, 'latin1'));
  await lookAtEach(worktreeDir, paths, (path, found) => {
    if (found === null || found instanceof Unseen) return;
    const file = known.get(path.toString('latin1'))!;
    if (signatureOf(found) === file.signature) same.set(path.toString('latin1'), reasonWithheld(file));
  });
  return same;
}

/** Remembers what is left out from now on, and forgets what is not. */
export async function rememberWithheld(
  worktree: { worktreeDir: string; objectFormat: ObjectFormat },
  shadowDir: string,
  kept: ReadonlyMap<string, OmissionReason>,
  findings: readonly SecretFinding[],
): Promise<void> {
  const memory = await readScanMemory(shadowDir);
  const withheld = Object.entries(memory.withheld).filter(([path]) => kept.has(path));
  for (const { path, contentId, rules, isUnscanned } of findings) {
    const signature = await signatureWith(worktree, path, contentId);
    if (signature !== null) withheld.push([path, { contentId, signature, rules, isUnscanned }]);
  }
  await writeScanMemory(shadowDir, { ...memory, withheld: Object.fromEntries(withheld) });
}

function signatureOf({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${ino}:${size}:${mtimeNs}:${ctimeNs}`;
}

/**
 * The signature of the file, if it still has that content: taken before it is read, so that a later change
 * always shows. Null where it has another one by now, or cannot be read.
 */
async function signatureWith(
  { worktreeDir, objectFormat }: { worktreeDir: string; objectFormat: ObjectFormat },
  path: string,
  contentId: string,
): Promise<string | null> {
  const file = await open(
    joinPath(worktreeDir, Buffer.from(path, 'latin1')),
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  ).catch(() => null);
  if (file === null) return null;
  try {
    const before = await file.stat({ bigint: true });
    const hash = createHash(objectFormat).update(`blob ${before.size}\0`);
    for await (const chunk of file.createReadStream({ autoClose: false })) hash.update(chunk as Buffer);
    return hash.digest('hex') === contentId ? signatureOf(before) : null;
  } catch {
    return null;
  } finally {
    await file.close();
  }
}
