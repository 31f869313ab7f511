/**
 * How long to wait before try `attempt + 1`: doubling from `baseMilliseconds` to `maxMilliseconds`, then a
 * random part of it ("full jitter" with a floor of one half, so that retries of many clients are spread and
 * none is immediate).
 *
 * @param attempt failed tries so far, from 1
 * @param random a number in [0, 1), for tests
 */
export function backoffMilliseconds(
  attempt: number,
  limits: { baseMilliseconds: number; maxMilliseconds: number },
  random: () => number = Math.random,
): number {
  const doubled = limits.baseMilliseconds * 2 ** Math.min(Math.max(attempt - 1, 0), 30);
  const ceiling = Math.min(doubled, limits.maxMilliseconds);
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}
