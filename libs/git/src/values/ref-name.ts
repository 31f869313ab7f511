import { GitError } from '../run/git-error.js';

/** The rules of `git check-ref-format`, and no leading dash. */
// oxlint-disable-next-line no-control-regex -- control characters are what it refuses
const FORBIDDEN = /[\u0000-\u0020\u007F~^:?*[\\]|\.\.|@\{|\/\/|^[-/.]|\/\.|[/.]$|\.lock(?:\/|$)|^@$/;

/** @throws GitError `BAD_REF` */
export function requireRefName(value: string, name: string): void {
  if (value !== '' && !FORBIDDEN.test(value)) return;
  throw new GitError('BAD_REF', `${name} is not a valid ref name: ${JSON.stringify(value)}.`, {
    nextStep: 'See the rules of `git check-ref-format`.',
  });
}

/** A full ref name, under `refs/`. */
export function requireFullRef(value: string, name: string): void {
  requireRefName(value, name);
  if (value.startsWith('refs/')) return;
  throw new GitError('BAD_REF', `${name} does not start with refs/: ${JSON.stringify(value)}.`, {
    nextStep: 'Give the full name of the ref.',
  });
}
