import { JsonText } from '../fields/json-text.js';
import { ContractError } from './contract-error.js';
import { shapeOf, type ContractClass, type Field } from './shape.js';

/** What becomes of fields that a class does not have: a newer sender may add some, a person may mistype. */
export type UnknownFields = 'drop' | 'refuse';

/**
 * An object of the class with the fields that the class has, and nothing else of the value: whatever keys
 * there are, validation never sees them. Takes time in proportion to the value's size; class-transformer,
 * with class-validator's whitelist, takes it by the square of the number of unknown keys, and calls what a
 * key `constructor` holds.
 *
 * @param value parsed JSON
 * @throws ContractError `FIELD_INVALID` for what is no object where there must be one, for a longer list than
 *   its class allows, and for an unknown field that is refused; `BAD_NUMBER`
 */
export function instantiate<T extends object>(
  type: ContractClass<T>,
  value: unknown,
  unknownFields: UnknownFields,
  path = '',
): T {
  if (!isObject(value)) throw mustBe(type, path, 'an object');
  const { fields } = shapeOf(type);
  const instance = new type();
  for (const name of Object.keys(value)) {
    const field = fields.get(name);
    const own = path === '' ? name : `${path}.${name}`;
    if (field === undefined) {
      if (unknownFields === 'refuse') throw unknownField(type, own);
      continue;
    }
    (instance as Record<string, unknown>)[name] = fieldValue(type, field, value[name], unknownFields, own);
  }
  return instance;
}

function fieldValue(
  type: ContractClass,
  { nested, isList, maxElements }: Field,
  value: unknown,
  unknownFields: UnknownFields,
  path: string,
): unknown {
  if (Array.isArray(value) && maxElements !== undefined && value.length > maxElements) {
    throw mustBe(type, path, `a list of at most ${maxElements}`);
  }
  if ((nested as unknown) === Number) return numberIn(value);
  if (nested === undefined || value === null) return exact(type, value, path);
  if (!isList) return instantiate(nested, value, unknownFields, path);
  if (!Array.isArray(value)) throw mustBe(type, path, 'a list');
  return value.map((element, index) => instantiate(nested, element, unknownFields, `${path}.${index}`));
}

/** A query is all text. What is no number stays as it is, and is refused by the field's own rules. */
function numberIn(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
}

/** A number beyond 2^53 - 1 is not the one that was sent: parsing has rounded it. */
function exact(type: ContractClass, value: unknown, path: string): unknown {
  if (typeof value !== 'number' || Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
  throw new ContractError(
    'BAD_NUMBER',
    `${type.name}.${path} is beyond ${Number.MAX_SAFE_INTEGER}, up to which numbers are exact. Send one that the field may have.`,
    path,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonText);
}

function mustBe(type: ContractClass, path: string, what: string): ContractError {
  if (path === '') return new ContractError('BAD_JSON', `${type.name} must be a JSON object.`);
  return new ContractError('FIELD_INVALID', `${path} must be ${what}.`, path);
}

function unknownField(type: ContractClass, path: string): ContractError {
  const shown = path.slice(0, 200);
  return new ContractError('FIELD_INVALID', `${type.name}.${shown}: there is no such field.`, shown);
}
