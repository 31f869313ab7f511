import type { CreatedToken, TokenView } from '#contracts';
import { age, oneLine } from '../../output/format.js';
import type { Look } from '../../output/output.js';
import { table } from '../../output/table.js';

/** Pure: `patchpoint token create`. The token alone on the last line. */
export function createdTokenView({ token, ...created }: CreatedToken, look: Look): string {
  const text = tokensView({ tokens: [created] }, look);
  return `${text}\n\nSet PATCHPOINT_API_TOKEN to this. It is not shown again:\n${oneLine(token)}`;
}

/** Pure: `patchpoint token list`. */
export function tokensView(
  { tokens }: { tokens: readonly TokenView[] },
  { paint, now }: Pick<Look, 'paint' | 'now'>,
): string {
  if (tokens.length === 0) return 'There are no tokens.';
  const rows = tokens.map(({ id, name, scopes, owner, pool, createdAt, revokedAt }) => [
    id,
    age(createdAt, now),
    oneLine(name),
    scopes.join(' '),
    owner ?? '–',
    pool ?? '–',
    revokedAt === null ? '' : paint('red', 'revoked'),
  ]);
  return table(['ID', 'AGE', 'NAME', 'SCOPES', 'OWNER', 'POOL', ''], rows, { paint, right: [1] });
}
