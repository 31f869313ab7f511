import { digestModes, type Modes } from '../values/modes.js';

/** What makes two captures of a worktree the same. */
export interface CapturedState {
  treeSha: string;
  headSha: string | null;
  baseSha: string;
  /** Of the modes (`digestModes`); null or absent: all was as a checkout makes it. */
  modesSha256?: string | null;
}

/** Pure. */
export function isSameState(one: CapturedState, other: CapturedState): boolean {
  return (
    one.treeSha === other.treeSha &&
    one.headSha === other.headSha &&
    one.baseSha === other.baseSha &&
    (one.modesSha256 ?? null) === (other.modesSha256 ?? null)
  );
}

/** Pure. */
export function stateOf(captured: {
  treeSha: string;
  headSha: string | null;
  baseSha: string;
  modes: Modes | null;
}): CapturedState {
  const { treeSha, headSha, baseSha, modes } = captured;
  return { treeSha, headSha, baseSha, modesSha256: digestModes(modes) };
}
