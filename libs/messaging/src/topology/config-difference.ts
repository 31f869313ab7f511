/**
 * The names of the declared fields that the server has otherwise. Fields that are not declared are the
 * server's own business.
 */
export function configDifference(declared: object, existing: object): string[] {
  const actual = existing as Record<string, unknown>;
  return Object.entries(declared)
    .filter(([field, value]) => !isSame(value, actual[field]))
    .map(([field]) => field);
}

/** The server leaves out what is zero, false or empty. */
function isSame(declared: unknown, actual: unknown): boolean {
  if (actual === undefined) return !declared;
  return JSON.stringify(declared) === JSON.stringify(actual);
}
