import { ContractError } from '#contracts';

/** What `git check-ref-format --branch` refuses, and a leading "-", which git would take for an option. */
// oxlint-disable-next-line no-control-regex
const NOT_A_BRANCH = /^[-/.]|[\u0000-\u0020\u007f~^:?*[\\]|\.\.|\/\/|\/\.|@\{|[/.]$|\.lock(?:\/|$)|^@$|^$/;

/** @throws ContractError `BAD_REF` */
export function requireBranchName(name: string | undefined, path: string): void {
  if (name === undefined || !NOT_A_BRANCH.test(name)) return;
  throw new ContractError(
    'BAD_REF',
    `${path} ${JSON.stringify(name)} is not a name that git accepts for a branch.`,
    path,
  );
}
