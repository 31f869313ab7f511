import { applyDecorators } from '@nestjs/common';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsOptional, ValidateNested } from 'class-validator';
import { IsText } from './fields.js';
import { MAX_OMISSIONS } from './limits.js';

/** A path that a capture left out, or a state that it could not preserve, with the reason. */
export class Omission {
  /** Relative to the worktree; bytes that are not UTF-8 are shown as U+FFFD. */
  @IsText(4096)
  path!: string;

  /**
   * A word, or a word and a sentence:
   * - `untracked-too-large`: over a limit of its daemon
   * - `untracked-budget`, `dependencies: …`: left out so that the rest fits; a folder with files and bytes
   * - `exclude-file: …`: the path is a file of rules by which untracked files were left out
   * - `not-used: …`: the path is `.patchpoint.json` or `.worktreeinclude`, or what one of them names; what of
   *   it is not used, and what to do
   * - `changing`: written to all the time; kept as it was captured before, or as it was read while it changed
   * - `unreadable`: nobody may read it; `io-error`: its disk fails; `unknown: …`: git's words. Kept as it was
   *   captured before, or left out when it is new
   * - `secret: …`: its daemon leaves out what looks like a secret; the rules that found one, or `not-scanned`
   * - `nested-repository`, `dirty-submodule`, `unpushed-submodule`: what a link to a commit does not hold
   * - `socket`, `fifo`, `device`, `unsafe-name`: nothing that can be captured
   * - `hard-link`: one of several names of one file; they come back as files of their own
   * - `special-mode`: it has a setuid, setgid or sticky bit, which does not come back
   * - `narrowed-modes: …`: too many modes to list; so many paths come back with a narrower one, or the same
   * - `conversation: …`: the path is `.`; why what the agent recorded of its conversation is not with it
   * - `operation-in-progress`: the path is `.`; a merge, rebase or the like was not finished
   *
   * There may be more in time.
   */
  @IsText(200)
  reason!: string;
}

/** The omissions of a checkpoint, the first {@link MAX_OMISSIONS} of them; absent when there are none. */
export const AreOmissions = () =>
  applyDecorators(
    IsOptional(),
    IsArray(),
    ArrayMaxSize(MAX_OMISSIONS),
    ValidateNested({ each: true }),
    Type(() => Omission),
  );
