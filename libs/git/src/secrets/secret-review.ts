import type { OmissionReason } from '../values/omission.js';
import type { ObjectFormat } from '../values/sha.js';
import { findSecrets, type ScanLimits, type SecretSearch } from './find-secrets.js';
import {
  judgeSecret,
  mayKeepOut,
  type SecretDecision,
  type SecretFinding,
  type SecretPolicies,
} from './judge-secret.js';
import type { SecretScanner } from './secret-scanner.js';
import { reasonWithheld, rememberWithheld, stillWithheld } from './withheld-files.js';

export interface SecretSettings {
  scanner: Pick<SecretScanner, 'scan'>;
  limits: ScanLimits;
  policies: SecretPolicies;
  /** What a person has decided of a content, by its id. */
  decisionOf: (contentId: string) => SecretDecision | undefined;
}

/** A finding that is in the captured tree. */
export interface CapturedSecret extends SecretFinding {
  /** `hold`: the checkpoint must not be sent before a person has decided. */
  verdict: 'include' | 'hold';
}

/** Pure: where a person must decide, nothing is committed before; what holds secrets never is. */
export function mayNotBeCommitted({ isUnscanned, verdict }: CapturedSecret): boolean {
  return !isUnscanned || verdict === 'hold';
}

/** Looks for secrets in what one capture is about to hold, and keeps out of it what is to stay out. */
export class SecretReview {
  /** By paths in latin1: what stays out, and why. */
  withheld: ReadonlyMap<string, OmissionReason> = new Map();

  constructor(
    private readonly settings: SecretSettings | undefined,
    private readonly worktree: { worktreeDir: string; objectFormat: ObjectFormat },
    private readonly shadowDir: string,
  ) {}

  /** Recalls what earlier captures kept out. */
  async open(): Promise<void> {
    if (this.settings === undefined) return;
    const staysOut = (finding: SecretFinding): boolean => this.judge(finding) === 'omit';
    this.withheld = await stillWithheld(this.shadowDir, this.worktree.worktreeDir, staysOut);
  }

  /** @returns null when something must stay out that is in this tree: `withheld` names it now */
  async look(
    tree: { shadow: { gitDir: string }; baseSha: string; treeSha: string; untracked: readonly Buffer[] },
    signal?: AbortSignal,
  ): Promise<CapturedSecret[] | null> {
    if (this.settings === undefined) return [];
    const found = await this.find({
      gitDir: tree.shadow.gitDir,
      baseSha: tree.baseSha,
      treeSha: tree.treeSha,
      untracked: new Set(tree.untracked.map((path) => path.toString('latin1'))),
      ...this.settings,
      signal,
    });
    const captured: CapturedSecret[] = [];
    const omitted: SecretFinding[] = [];
    for (const finding of found) {
      const verdict = this.judge(finding);
      if (verdict !== 'omit') captured.push({ ...finding, verdict });
      // Named before and still in the tree, such as one that nobody may read any more: it must not go.
      else if (this.withheld.has(finding.path)) captured.push({ ...finding, verdict: 'hold' });
      else omitted.push(finding);
    }
    if (omitted.length === 0) return captured;
    await rememberWithheld(this.worktree, this.shadowDir, this.withheld, omitted);
    const more = omitted.map((finding) => [finding.path, reasonWithheld(finding)] as const);
    this.withheld = new Map([...this.withheld, ...more]);
    return null;
  }

  /** Where nothing depends on what is found, a search that fails costs no checkpoint. */
  private async find(search: SecretSearch): Promise<SecretFinding[]> {
    try {
      return await findSecrets(search);
    } catch (error) {
      search.signal?.throwIfAborted();
      if (mayKeepOut(this.settings!.policies)) throw error;
      return [{ path: '.', contentId: search.treeSha, rules: [], isUnscanned: true, isUntracked: false }];
    }
  }

  private judge(finding: SecretFinding) {
    const { policies, decisionOf } = this.settings!;
    return judgeSecret(finding, policies, decisionOf(finding.contentId));
  }
}
