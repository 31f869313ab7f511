import { InvalidArgumentError } from 'commander';
import { NAME_TOKEN } from '#contracts';

/** For options with a count. */
export function positiveNumber(value: string): number {
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It is not a positive integer.');
}

/** For ports; 0 selects a free one. */
export function portNumber(value: string): number {
  if (/^\d{1,5}$/.test(value) && Number(value) < 65_536) return Number(value);
  throw new InvalidArgumentError('It is not a port: 0 to 65535.');
}

/** For ids of daemons and names of pools: a token of a NATS subject. */
export function nameToken(value: string): string {
  if (NAME_TOKEN.test(value)) return value;
  throw new InvalidArgumentError('It is not 1 to 64 letters, digits, "-" and "_", beginning with no sign.');
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600, d: 86_400 };

/** Pure: seconds of `90s`, `15m`, `1.5h`, `2d`; undefined for anything else. */
export function parseDuration(value: string): number | undefined {
  const [, number, unit] = /^(\d{1,9}(?:\.\d{1,3})?)(s|m|min|h|d)$/.exec(value) ?? [];
  return unit === undefined ? undefined : Number(number) * UNIT_SECONDS[unit]!;
}

/** For options with a time: a duration before now, or an ISO 8601 time. */
export function moment(value: string): Date {
  const seconds = parseDuration(value);
  if (seconds !== undefined) return new Date(Date.now() - seconds * 1000);
  const time = /^\d{4}-\d{2}-\d{2}/.test(value) ? new Date(value) : new Date(Number.NaN);
  if (!Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError(
    'It is neither a duration (90s, 15m, 1h, 2d ago) nor a time (2030-01-31T14:00).',
  );
}
