import { JsonText } from '../fields/json-text.js';
import { ContractError } from './contract-error.js';
import { scanJson } from './scan-json.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The text of a message or body.
 *
 * @throws ContractError `MESSAGE_TOO_LARGE`, `BAD_JSON` for what is not UTF-8
 */
export function textOf(bytes: Uint8Array, maxBytes: number): string {
  if (bytes.length > maxBytes) {
    throw new ContractError(
      'MESSAGE_TOO_LARGE',
      `The message has ${bytes.length} bytes; the limit is ${maxBytes}. Shorten it, or send large content by reference.`,
    );
  }
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw badJson(cause);
  }
}

/**
 * Parses a JSON text within the limits of {@link scanJson}. The values of `opaque` keys at its top become a
 * {@link JsonText}, or null.
 *
 * @throws ContractError `BAD_JSON`, or as `scanJson`
 */
export function parseJson(text: string, opaque: ReadonlySet<string>): unknown {
  const slices = scanJson(text, opaque);
  if (slices.size === 0) return parse(text);
  // What is carried is parsed apart, to know that it is JSON: its values, which may be many, are forgotten.
  let rest = '';
  let end = 0;
  for (const slice of slices.values()) {
    rest += `${text.slice(end, slice.start)}null`;
    end = slice.end;
  }
  const value = parse(rest + text.slice(end)) as Record<string, unknown>;
  for (const [key, slice] of slices) {
    const carried = text.slice(slice.start, slice.end);
    if (parse(carried) !== null) value[key] = new JsonText(carried);
  }
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badJson(cause);
  }
}

function badJson(cause: unknown): ContractError {
  const message = `The message is not UTF-8 JSON: ${(cause as Error).message}`;
  return new ContractError('BAD_JSON', message, undefined, { cause });
}
