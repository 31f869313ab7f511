/**
 * What a terminal would act upon (C0 with ESC and a bare CR, DEL, C1), what turns the reading direction of
 * what follows, and what some programs take for the end of a line. A tab and a line end are text.
 */
const ACTED_UPON =
  '\\u0000-\\u0008\\u000B-\\u001F\\u007F-\\u009F\\u061C\\u200E\\u200F\\u2028-\\u202E\\u2066-\\u2069';

const EACH = new RegExp(`[${ACTED_UPON}]`, 'g');

/** A text of one line that nothing acts upon; for names that people type. */
export const HARMLESS_LINE = new RegExp(`^[^\\u0009\\u000A${ACTED_UPON}]*$`);

/**
 * Pure: foreign text as it may reach a person, on a terminal or in a page. What something would act upon
 * becomes U+FFFD; line ends and tabs stay.
 */
export function harmless(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(EACH, '\uFFFD');
}

/** Pure: as {@link harmless}, where there is one line for it. Its line ends and tabs become spaces. */
export function harmlessLine(text: string): string {
  return harmless(text.replaceAll(/[\r\n\t]+/g, ' '));
}

/**
 * Pure: the same JSON, without what a terminal that shows it would act upon: escaped, so that programs read
 * what was sent.
 *
 * @param json as a program wrote it; a line end in it is a space between two tokens
 */
export function harmlessJson(json: string): string {
  return json
    .replaceAll('\r', ' ')
    .replaceAll(EACH, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
