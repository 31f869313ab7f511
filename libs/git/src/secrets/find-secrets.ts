import { readTreeChanges, type TreeChange } from '../staging/list-tree-changes.js';
import { looksLikeSecret } from '../staging/secret-names.js';
import { readBlobs, sizesOfBlobs } from './read-blobs.js';
import type { SecretFinding } from './judge-secret.js';
import { readScanMemory, writeScanMemory, type ScanMemory } from './scan-memory.js';
import type { SecretScanner } from './secret-scanner.js';

/** How much one search may cost. */
export interface ScanLimits {
  /** A larger file is not searched. */
  fileLimitBytes: number;
  /** Of all contents that one capture searches; the next one goes on. */
  totalLimitBytes: number;
  /** Of all searches of one capture. */
  timeLimitMilliseconds: number;
}

export interface SecretSearch {
  gitDir: string;
  baseSha: string;
  treeSha: string;
  /** Paths in latin1 of what git does not track. */
  untracked: ReadonlySet<string>;
  scanner: Pick<SecretScanner, 'scan'>;
  limits: ScanLimits;
  signal?: AbortSignal | undefined;
}

const REGULAR_FILES = new Set(['100644', '100755']);
const FILE_NAME_RULE = 'file-name';

/**
 * What of a captured tree looks like a secret and is not in its base already: by the names of added files,
 * and by the contents of all that differ. A content is searched once, and remembered by its id.
 */
export async function findSecrets(search: SecretSearch): Promise<SecretFinding[]> {
  const changes = (await readTreeChanges(search)).filter(({ newMode }) => REGULAR_FILES.has(newMode));
  if (changes.length === 0) return [];
  const memory = await readScanMemory(search.gitDir);
  const budget = {
    bytes: search.limits.totalLimitBytes,
    endsAt: Date.now() + search.limits.timeLimitMilliseconds,
  };
  const news = new Map(changes.map(({ newSha, path }) => [newSha, path]));
  await scanMissing(search, memory, news, budget);
  // Only of what was found is it asked whether the source has it anyway.
  const suspects = changes.filter(
    (change) => rulesOf(memory, change.newSha).length > 0 && isFile(change.oldMode),
  );
  await scanMissing(search, memory, new Map(suspects.map(({ oldSha, path }) => [oldSha, path])), budget);
  const ids = new Set(changes.flatMap(({ newSha, oldSha }) => [newSha, oldSha]));
  memory.scanned = Object.fromEntries(Object.entries(memory.scanned).filter(([id]) => ids.has(id)));
  await writeScanMemory(search.gitDir, memory);
  return changes.flatMap((change) => findingOf(change, memory, search.untracked));
}

/** Pure. */
function findingOf(
  change: TreeChange,
  { scanned }: ScanMemory,
  untracked: ReadonlySet<string>,
): SecretFinding[] {
  const found = scanned[change.newSha] ?? null;
  const known = new Set(isFile(change.oldMode) ? scanned[change.oldSha] : []);
  const rules = (found ?? []).filter((rule) => !known.has(rule));
  if (change.kind === 'added' && looksLikeSecret(change.path)) rules.push(FILE_NAME_RULE);
  const isUnscanned = found === null && rules.length === 0;
  if (rules.length === 0 && !isUnscanned) return [];
  const path = change.path.toString('latin1');
  return [{ path, contentId: change.newSha, rules, isUnscanned, isUntracked: untracked.has(path) }];
}

/** Adds to the memory what the budget allows; what is left out is not in it. */
async function scanMissing(
  { gitDir, scanner, limits, signal }: SecretSearch,
  memory: ScanMemory,
  contents: ReadonlyMap<string, Buffer>,
  budget: { bytes: number; endsAt: number },
): Promise<void> {
  const missing = [...contents.keys()].filter((id) => memory.scanned[id] === undefined);
  if (missing.length === 0) return;
  const chosen: string[] = [];
  for (const [id, sizeBytes] of await sizesOfBlobs(gitDir, missing, signal)) {
    if (sizeBytes > limits.fileLimitBytes || sizeBytes > budget.bytes) continue;
    budget.bytes -= sizeBytes;
    chosen.push(id);
  }
  for (const [id, content] of await readBlobs(gitDir, chosen, signal)) {
    signal?.throwIfAborted();
    const left = budget.endsAt - Date.now();
    if (left <= 0) return;
    const rules = await scanner.scan(contents.get(id)!.toString('utf8'), content, left);
    if (rules !== null) memory.scanned[id] = rules;
    // One that took most of the time is not tried again with every capture.
    else if (left > limits.timeLimitMilliseconds / 2) memory.scanned[id] = null;
  }
}

function rulesOf({ scanned }: ScanMemory, id: string): readonly string[] {
  return scanned[id] ?? [];
}

function isFile(mode: string): boolean {
  return REGULAR_FILES.has(mode);
}
