import { harmlessLine } from '#contracts/text';

const STEPS = [
  [60, 's', 1],
  [3600, 'min', 60],
  [48 * 3600, 'h', 3600],
  [Number.POSITIVE_INFINITY, 'd', 24 * 3600],
] as const;

/**
 * Pure: how long ago, as `40 s`, `12 min`, `5 h`, `3 d`. Small differences between clocks cause no negative
 * ages.
 */
export function age(time: string, now: Date): string {
  return duration(Math.max(0, (now.getTime() - Date.parse(time)) / 1000));
}

/** Pure: as {@link age}; `?` for what is no number. */
export function duration(seconds: number): string {
  const step = STEPS.find(([below]) => seconds < below);
  if (step === undefined) return '?';
  const [, unit, divisor] = step;
  return `${Math.floor(seconds / divisor)} ${unit}`;
}

/** Pure: `912 B`, `3.4 KiB`, `10 MiB`. */
export function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/**
 * Pure: the end of an id. Ids begin with the time, so tasks that were created together differ only at the
 * end.
 */
export function shortId(id: string): string {
  return harmlessLine(id.replaceAll('-', '').slice(-8));
}

/** Pure: an address for people. */
export function withoutPassword(address: string): string {
  const url = new URL(address);
  url.password = '';
  return url.href;
}

/** Pure: `1 file`, `2 files`. */
export function count(number: number, one: string, several = `${one}s`): string {
  return `${number} ${number === 1 ? one : several}`;
}

/** Pure: for one line of a table. */
export function oneLine(text: string): string {
  return harmlessLine(text.replaceAll(/\s+/g, ' '));
}
