/**
 * Pure: a text with `{name}` replaced by each of the values, in one pass: a value may hold any text, a
 * placeholder too. A name without a value becomes nothing, one that is not there at all stays.
 */
export function fillPlaceholders(text: string, values: Readonly<Record<string, string | undefined>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? '') : whole,
  );
}
