import { harmless, harmlessLine } from '#contracts/text';

/**
 * What others wrote over several lines, and views show so: the output of a task, and a message that was
 * refused.
 */
const SEVERAL_LINES: ReadonlySet<string> = new Set(['text', 'payloadText']);

/**
 * Pure: the same data, with no text in it that a terminal would act upon or that could begin a line of its
 * own. Views get their data, as it came over HTTP, through this, so that none can forget it.
 */
export function forPeople<T>(data: T): T {
  return cleaned(data, harmlessLine) as T;
}

function cleaned(value: unknown, clean: (text: string) => string): unknown {
  if (typeof value === 'string') return clean(value);
  if (Array.isArray(value)) return value.map((each) => cleaned(each, clean));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      cleaned(each, SEVERAL_LINES.has(key) ? harmless : harmlessLine),
    ]),
  );
}
