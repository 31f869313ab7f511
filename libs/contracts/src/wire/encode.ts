import { JsonText } from '../fields/json-text.js';

/** A message as it goes over the wire: UTF-8 JSON. Undefined fields are left out. */
export function encode(message: object): Uint8Array {
  return Buffer.from(jsonOf(message), 'utf8');
}

/**
 * The same as text. A {@link JsonText} at the top of the message is written as it came, after the rest.
 *
 * @param replacer of `JSON.stringify`
 */
export function jsonOf(message: object, replacer?: (key: string, value: unknown) => unknown): string {
  const carried = Object.entries(message).filter(([, value]) => value instanceof JsonText);
  if (carried.length === 0) return JSON.stringify(message, replacer);
  const without = Object.fromEntries(carried.map(([name]) => [name, undefined]));
  const rest = JSON.stringify({ ...message, ...without }, replacer);
  const fields = [rest.slice(1, -1), ...carried.map(([name, { text }]) => `${JSON.stringify(name)}:${text}`)];
  return `{${fields.filter((each) => each !== '').join(',')}}`;
}
