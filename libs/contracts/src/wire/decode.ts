import { validateSync, type ValidationError } from 'class-validator';
import { MAX_MESSAGE_BYTES } from '../fields/limits.js';
import type { CodeContext } from '../fields/fields.js';
import { ContractError } from './contract-error.js';
import { jsonOf } from './encode.js';
import { instantiate, type UnknownFields } from './instantiate.js';
import { SCHEMA_VERSION } from './message.js';
import { parseJson, textOf } from './parse-json.js';
import { shapeOf, type ContractClass } from './shape.js';

/** How an input is read that is no message over NATS. */
export interface DecodeOptions {
  /** Default: {@link MAX_MESSAGE_BYTES}. */
  maxBytes?: number;
  /** Default: drop. */
  unknownFields?: UnknownFields;
}

/**
 * Reads one message from the wire, or one body: the only way in. It takes time in proportion to the size of
 * the input, whatever that is, and either returns or throws a ContractError.
 *
 * Unknown fields are dropped (a newer sender may add some); an unknown `schemaVersion` is refused.
 *
 * @param type the contract class
 * @param bytes UTF-8 JSON
 * @throws ContractError `MESSAGE_TOO_LARGE`, `BAD_JSON`, `TOO_DEEP`, `TOO_MANY_VALUES`, `DUPLICATE_KEY`,
 *   `BAD_TEXT`, `BAD_NUMBER`, `UNSUPPORTED_VERSION`, `FIELD_INVALID` or a field's own code, with the path
 */
export function decode<T extends object>(
  type: ContractClass<T>,
  bytes: Uint8Array,
  { maxBytes = MAX_MESSAGE_BYTES, unknownFields = 'drop' }: DecodeOptions = {},
): T {
  return decodeText(type, textOf(bytes, maxBytes), unknownFields);
}

/** Like {@link decode}, for a value that is already parsed (a query, a JSON column). */
export function decodeValue<T extends object>(
  type: ContractClass<T>,
  value: unknown,
  unknownFields: UnknownFields = 'drop',
): T {
  return decodeText(type, asText(type, value), unknownFields);
}

/**
 * Makes a valid message, so that a mistake shows at its sender. Half of a surrogate pair, where a long text
 * was cut, becomes U+FFFD.
 *
 * @throws ContractError as {@link decode}
 */
export function compose<T extends object>(type: ContractClass<T>, fields: Omit<T, 'schemaVersion'>): T {
  const text = asText(type, fields);
  const mayBeCut = text.includes(String.raw`\ud`);
  return decodeText(type, mayBeCut ? jsonOf(fields, (_key, value) => wellFormed(value)) : text, 'drop');
}

function decodeText<T extends object>(type: ContractClass<T>, text: string, unknownFields: UnknownFields): T {
  const value = parseJson(text, shapeOf(type).opaque);
  refuseUnknownVersion(type.name, value);
  const message = instantiate(type, value, unknownFields);
  refuseInvalid(type.name, message);
  return message;
}

function wellFormed(value: unknown): unknown {
  return typeof value === 'string' ? Buffer.from(value, 'utf8').toString('utf8') : value;
}

/** A value that has no text, such as one that holds itself or is nested without end, is no JSON. */
function asText(type: ContractClass, value: unknown): string {
  try {
    if (typeof value === 'object' && value !== null) return jsonOf(value);
  } catch (cause) {
    throw new ContractError('BAD_JSON', `${type.name} cannot be written as JSON.`, undefined, { cause });
  }
  throw new ContractError('BAD_JSON', `${type.name} must be a JSON object.`);
}

function refuseUnknownVersion(name: string, value: unknown): void {
  const version = (value as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (version === undefined || version === SCHEMA_VERSION) return;
  throw new ContractError(
    'UNSUPPORTED_VERSION',
    `${name} has schemaVersion ${JSON.stringify(version).slice(0, 40)}; this version of Patchpoint reads ${SCHEMA_VERSION}. Upgrade the reader first.`,
    'schemaVersion',
  );
}

function refuseInvalid(name: string, message: object): void {
  const [first] = validate(name, message);
  if (!first) return;
  const { path, reason, context } = firstFailure(first);
  throw new ContractError(context?.code ?? 'FIELD_INVALID', `${name}.${path}: ${reason}.`, path);
}

/** Whatever a rule throws over a value that it did not expect is the value's fault: it will do so again. */
function validate(name: string, message: object): ValidationError[] {
  try {
    return validateSync(message, { forbidUnknownValues: true });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ContractError('FIELD_INVALID', `${name} cannot be checked: ${why}.`, undefined, { cause });
  }
}

function firstFailure(error: ValidationError): { path: string; reason: string; context?: CodeContext } {
  const constraint = Object.keys(error.constraints ?? {})[0];
  if (constraint !== undefined) {
    return {
      path: error.property,
      reason: error.constraints![constraint]!,
      context: error.contexts?.[constraint] as CodeContext | undefined,
    };
  }
  const child = error.children?.[0];
  if (!child) return { path: error.property, reason: 'is invalid' };
  const inner = firstFailure(child);
  return { ...inner, path: `${error.property}.${inner.path}` };
}
