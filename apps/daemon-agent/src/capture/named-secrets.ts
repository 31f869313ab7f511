import { MAX_OMISSIONS, type FoundSecret } from '#contracts';
import type { CapturedSecret } from '#git';

const MAX_PATH_LENGTH = 4096;
const MAX_RULE_LENGTH = 200;

/** Pure: what a checkpoint says of secrets in it; all that was not searched is one line, the first. */
export function namedSecrets(secrets: readonly CapturedSecret[]): FoundSecret[] {
  const unscanned = secrets.filter(({ isUnscanned }) => isUnscanned);
  const found = secrets.filter(({ isUnscanned }) => !isUnscanned);
  const count = unscanned.length;
  const path = count === 1 ? pathOf(unscanned[0]!) : '.';
  const line = { path, rule: `not-scanned: ${count} ${count === 1 ? 'file' : 'files'}` };
  const named = found.map((each) => ({
    path: pathOf(each),
    rule: each.rules.join(', ').slice(0, MAX_RULE_LENGTH),
  }));
  return [...(count > 0 ? [line] : []), ...named].slice(0, MAX_OMISSIONS);
}

function pathOf({ path }: CapturedSecret): string {
  return Buffer.from(path, 'latin1').toString('utf8').slice(0, MAX_PATH_LENGTH);
}
