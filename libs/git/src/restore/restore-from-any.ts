import { judgeFailure, mayTryOtherForm } from './judge-failure.js';

/** A form of a checkpoint that could not be restored, and why. */
export interface FailedForm<Form> {
  form: Form;
  error: Error;
}

/** Forms that were tried and failed are named in either case, in their order. */
export type FromAny<Form, Result> =
  | { outcome: 'restored'; result: Result; from: Form; failed: FailedForm<Form>[] }
  | { outcome: 'failed'; failed: FailedForm<Form>[] };

/** Pure: the forms that there are, best first: a bundle brings back branch and commits, a diff does not. */
export function bestFirst<Form>({ bundle, diff }: { bundle: Form | null; diff: Form | null }): Form[] {
  return [bundle, diff].filter((form) => form !== null);
}

/**
 * Restores a checkpoint from the first of its forms that works, in the order of {@link bestFirst}. A form
 * that is at fault makes way for the next one; so does one with which git fails for no reason that it
 * names, unless it is the last.
 *
 * @param forms at least one
 * @param restore tries one form, as persistently as the caller wants; leaves nothing behind when it throws
 * @throws what `restore` threw when it is not the fault of the checkpoint (judge-failure.ts): nothing is
 *   decided then, and another try may succeed
 */
export async function restoreFromAny<Form, Result>(
  forms: readonly Form[],
  restore: (form: Form) => Promise<Result>,
): Promise<FromAny<Form, Result>> {
  const failed: FailedForm<Form>[] = [];
  for (const form of forms) {
    try {
      return { outcome: 'restored', result: await restore(form), from: form, failed };
    } catch (error) {
      const isLast = form === forms.at(-1);
      const goesOn = isLast ? judgeFailure(error) === 'checkpoint' : mayTryOtherForm(error);
      if (!goesOn) throw error;
      failed.push({ form, error: error as Error });
    }
  }
  return { outcome: 'failed', failed };
}
