/**
 * What Postgres stores in a text or in JSON of any text: without NUL and half surrogate pairs, and not longer
 * than `maxLength` characters.
 */
export function storableText(text: string, maxLength: number): string {
  return text.slice(0, maxLength).replaceAll('\0', '\uFFFD').toWellFormed();
}
