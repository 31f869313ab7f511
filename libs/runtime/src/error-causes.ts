/** An error and what caused it, outermost first; of an AggregateError, its first. */
export function errorCauses(error: unknown): object[] {
  const found: object[] = [];
  let current: unknown = error;
  while (typeof current === 'object' && current !== null && !found.includes(current)) {
    found.push(current);
    const { cause, driverError, errors } = current as {
      cause?: unknown;
      /** TypeORM's word for it. */
      driverError?: unknown;
      errors?: unknown[];
    };
    current = driverError ?? cause ?? errors?.[0];
  }
  return found;
}

/** SQLSTATE of the error that Postgres reported, anywhere down its causes. */
export function sqlState(error: unknown): string | undefined {
  for (const cause of errorCauses(error)) {
    const { code } = cause as { code?: unknown };
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code)) return code;
  }
  return undefined;
}
