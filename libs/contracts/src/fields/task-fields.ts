import { applyDecorators } from '@nestjs/common';
import { IsInt, Matches, Max, Min } from 'class-validator';
import { HARMLESS_LINE } from '../text/harmless.js';
import { IsText } from './fields.js';

/*
 * What a task and its checkpoints are made of. Each of these is taken in at one place and passed on at
 * others: a limit that differed would take in what can then not be said.
 */

export const IsTaskName = () => IsText(200);

/**
 * As {@link IsTaskName}, where a name is given. Tasks from before this rule keep theirs, and are shown
 * without what a terminal would act upon.
 */
export const IsNewTaskName = () =>
  applyDecorators(
    IsTaskName(),
    Matches(HARMLESS_LINE, {
      message: '$property must be one line without control characters; leave them out',
    }),
  );

export const IsPlan = () => IsText(1_000_000);

/** A command for `sh -c`. */
export const IsSetup = () => IsText(4096);

export const IsRepoUrl = () => IsText(4096);

export const IsBranchName = () => IsText(1024);

/** Of a process; negative where a program says so. */
export const IsExitCode = () => applyDecorators(IsInt(), Min(-2_147_483_648), Max(2_147_483_647));

/** A message or a reason, for people. */
export const IsProse = () => IsText(8000);

/** How long a patch is kept, up to ten years. */
export const IsPatchTtlHours = () => applyDecorators(Max(24 * 366 * 10), Min(1), IsInt());
