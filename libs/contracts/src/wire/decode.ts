import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { ContractError } from './contract-error.js';
import { SCHEMA_VERSION } from './message.js';
import type { CodeContext } from '../fields/fields.js';

type MessageClass<T> = new () => T;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads one message from the wire.
 *
 * Unknown fields are dropped (a newer sender may add some); an unknown `schemaVersion` is refused.
 *
 * @param type the contract class
 * @param bytes UTF-8 JSON
 * @throws ContractError `BAD_JSON`, `UNSUPPORTED_VERSION`, `BAD_TEXT`, `FIELD_INVALID` or a field's own code,
 *   with the path
 */
export function decode<T extends object>(type: MessageClass<T>, bytes: Uint8Array): T {
  return decodeValue(type, parseJson(bytes));
}

/** Like {@link decode}, for a value that is already parsed (an HTTP body, a JSON column). */
export function decodeValue<T extends object>(type: MessageClass<T>, value: unknown): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ContractError('BAD_JSON', `${type.name} must be a JSON object.`);
  }
  refuseUnknownVersion(type.name, value);
  refuseNul(value, '');
  const message = plainToInstance(type, value);
  refuseInvalid(type.name, message);
  return message;
}

/**
 * Makes a valid message, so that a mistake shows at its sender.
 *
 * @throws ContractError as {@link decode}
 */
export function compose<T extends object>(type: MessageClass<T>, fields: Omit<T, 'schemaVersion'>): T {
  return decodeValue(type, fields);
}

/** A message as it goes over the wire: UTF-8 JSON. Undefined fields are left out. */
export function encode(message: object): Uint8Array {
  return Buffer.from(JSON.stringify(message), 'utf8');
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch (cause) {
    throw new ContractError(
      'BAD_JSON',
      `The message is not UTF-8 JSON: ${(cause as Error).message}`,
      undefined,
      {
        cause,
      },
    );
  }
}

function refuseUnknownVersion(name: string, value: object): void {
  const version = (value as { schemaVersion?: unknown }).schemaVersion;
  if (version === undefined || version === SCHEMA_VERSION) return;
  throw new ContractError(
    'UNSUPPORTED_VERSION',
    `${name} has schemaVersion ${JSON.stringify(version)}; this version of Patchpoint reads ${SCHEMA_VERSION}. Upgrade the reader first.`,
    'schemaVersion',
  );
}

/**
 * Postgres cannot store NUL in text or jsonb. Found here, the error names the field; found there, it would
 * fail a whole batch.
 */
function refuseNul(value: unknown, path: string): void {
  if (typeof value === 'string') {
    if (value.includes('\0')) {
      throw new ContractError('BAD_TEXT', `${path} contains a NUL character, which cannot be stored.`, path);
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      refuseNul(inner, path === '' ? key : `${path}.${key}`);
    }
  }
}

function refuseInvalid(name: string, message: object): void {
  const [first] = validateSync(message, { whitelist: true, forbidUnknownValues: true });
  if (!first) return;
  const { path, reason, context } = firstFailure(first);
  throw new ContractError(context?.code ?? 'FIELD_INVALID', `${name}.${path}: ${reason}.`, path);
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
