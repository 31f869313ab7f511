import { IsIn } from 'class-validator';

/**
 * How far an agent program may act while nobody watches, least first.
 *
 * - `ask-nothing`: what would need a question is refused
 * - `worktree`: it may change files in its worktree, and run commands
 * - `full`: it may do whatever its daemon's user may
 */
export const UNATTENDED_CHOICES = ['ask-nothing', 'worktree', 'full'] as const;
export type Unattended = (typeof UNATTENDED_CHOICES)[number];

export const IsUnattended = () => IsIn(UNATTENDED_CHOICES);

/** Pure: whether one choice lets an agent do more than another one. */
export function isMoreThan(asked: Unattended, allowed: Unattended): boolean {
  return UNATTENDED_CHOICES.indexOf(asked) > UNATTENDED_CHOICES.indexOf(allowed);
}
