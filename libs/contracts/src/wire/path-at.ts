import { StringEnds } from './string-ends.js';

/** Longer names of fields are cut: a path is for people, and the name is the sender's. */
const MAX_NAME_LENGTH = 64;

/** An open object or array: the key or index of what it is at. */
type Place = string | number;

/**
 * The field that a place in a JSON text belongs to, dotted from the top (`omissions.0.path`); empty at the
 * top itself. It reads the text again from its beginning, so that a scan that finds nothing wrong need not
 * keep the way to where it is.
 */
export function pathAt(text: string, offset: number): string {
  const strings = new StringEnds(text);
  const places: Place[] = [];
  let at = 0;
  while (at < offset) {
    const character = text[at]!;
    let next = at + 1;
    if (character === '"') {
      next = Math.max(next, strings.after(at).end);
      if (next <= offset && isKey(text, next)) places[places.length - 1] = text.slice(at + 1, next - 1);
    } else if (character === '{') {
      places.push('');
    } else if (character === '[') {
      places.push(0);
    } else if (character === '}' || character === ']') {
      places.pop();
    } else if (character === ',' && typeof places.at(-1) === 'number') {
      places[places.length - 1] = (places.at(-1) as number) + 1;
    }
    at = next;
  }
  return places.map(nameOf).join('.').slice(0, 1000);
}

function isKey(text: string, end: number): boolean {
  const colon = /\s*:/y;
  colon.lastIndex = end;
  return colon.test(text);
}

function nameOf(place: Place): string {
  return String(place).slice(0, MAX_NAME_LENGTH);
}
