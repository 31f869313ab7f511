/**
 * - `include`: it is part of the work, and named
 * - `omit`: it stays out of the checkpoint, and is named
 * - `hold`: the checkpoint waits for a person
 */
export const SECRET_POLICIES = ['include', 'omit', 'hold'] as const;
export type SecretPolicy = (typeof SECRET_POLICIES)[number];

/** What a person has decided of a content, by its id. */
export type SecretDecision = 'release' | 'omit';

/** A file whose content, or whose name, says that it holds a secret, or that nobody could look at. */
export interface SecretFinding {
  /** In latin1, so that every byte survives. */
  path: string;
  /** Id of its content, as git has it. */
  contentId: string;
  /** Names of the rules that found something, `file-name` among them; never what they found. */
  rules: string[];
  /** It was not looked at: too large, or there was no time. */
  isUnscanned: boolean;
  /** Git does not track it: it can stay out. */
  isUntracked: boolean;
}

export interface SecretPolicies {
  /** Of files in which a secret was found. */
  found: SecretPolicy;
  /** Of files that could not be searched. */
  unscanned: SecretPolicy;
}

/**
 * Pure: what becomes of a checkpoint with this file. What a person decided of the content outranks policy.
 *
 * A tracked file cannot stay out: a tree without it says that it was deleted, one with an older content
 * says that the work was not done. Where it must not go, the checkpoint waits.
 */
export function judgeSecret(
  finding: SecretFinding,
  policies: SecretPolicies,
  decided: SecretDecision | undefined,
): SecretPolicy {
  if (decided === 'release') return 'include';
  const policy = decided ?? (finding.isUnscanned ? policies.unscanned : policies.found);
  return policy === 'omit' && !finding.isUntracked ? 'hold' : policy;
}

/** Pure: whether a checkpoint depends on what is found. */
export function mayKeepOut({ found, unscanned }: SecretPolicies): boolean {
  return found !== 'include' || unscanned !== 'include';
}
