import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { validationMetadatasToSchemas } from 'class-validator-jsonschema';
import { readComments, type Commented } from './read-comments.js';

export type JsonSchema = { [keyword: string]: unknown } & {
  properties?: Record<string, JsonSchema>;
  required?: string[];
};

/**
 * The JSON Schemas of contract classes, which must be loaded, and of the classes that these refer to, by
 * class name: from their validation, with their doc comments as descriptions. What is required under a
 * condition is optional here; its description names the condition.
 *
 * @param refPrefix where the schemas will be, such as `#/components/schemas/`
 */
export function contractSchemas(classNames: Iterable<string>, refPrefix: string): Record<string, JsonSchema> {
  const schemas = allSchemas(refPrefix);
  const comments = readComments();
  const found = new Map<string, JsonSchema>();
  const waiting = [...classNames];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    const schema = validatedBy(name, schemas, comments);
    found.set(name, described(name, schema, comments));
    waiting.push(...referencesIn(schema, refPrefix));
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function allSchemas(refPointerPrefix: string): Record<string, JsonSchema> {
  return validationMetadatasToSchemas({
    refPointerPrefix,
    classTransformerMetadataStorage: defaultMetadataStorage,
    additionalConverters: {
      // The library's own say that every number with a limit is a `number`, whole or not.
      isInt: { type: 'integer' },
      min: ({ constraints }) => ({ minimum: constraints[0] }),
      max: ({ constraints }) => ({ maximum: constraints[0] }),
      equals: ({ constraints }) => ({ enum: [constraints[0]] }),
      isIso8601: { type: 'string', format: 'date-time' },
      // JSON Schema knows no size in bytes; the description says it.
      maxBytesAsJson: {},
      isBase64: { type: 'string', format: 'base64' },
    },
  }) as Record<string, JsonSchema>;
}

/** A class without fields of its own is validated as its base. */
function validatedBy(
  name: string,
  schemas: Record<string, JsonSchema>,
  comments: ReadonlyMap<string, Commented>,
): JsonSchema {
  const own = schemas[name];
  if (own) return own;
  const base = comments.get(name)?.base;
  if (!base) throw new Error(`${name} has no schema: it is no class with validation in libs/contracts.`);
  return validatedBy(base, schemas, comments);
}

/** Base class first, as a reader of the class would meet them. */
function described(name: string, schema: JsonSchema, comments: ReadonlyMap<string, Commented>): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  for (const [property, comment] of propertyComments(name, comments)) {
    const own = schema.properties?.[property];
    if (!own) continue;
    const exact = isNullable(name, property, comments) ? orNull(own) : own;
    properties[property] = comment === '' ? exact : { description: comment, ...exact };
  }
  const description = comments.get(name)?.comment;
  // What may be null is validated under a condition, which the library takes for a field that may be absent.
  const required = Object.keys(properties).filter(
    (property) => schema.required?.includes(property) || isNullable(name, property, comments),
  );
  return { type: 'object', ...(description && { description }), properties, required };
}

function isNullable(
  name: string | undefined,
  property: string,
  comments: ReadonlyMap<string, Commented>,
): boolean {
  const own = name === undefined ? undefined : comments.get(name);
  if (!own) return false;
  return own.nullable.has(property) || isNullable(own.base, property, comments);
}

function orNull(schema: JsonSchema): JsonSchema {
  if (typeof schema['type'] !== 'string') return { anyOf: [schema, { type: 'null' }] };
  const values = schema['enum'] as unknown[] | undefined;
  return { ...schema, type: [schema['type'], 'null'], ...(values && { enum: [...values, null] }) };
}

function propertyComments(name: string, comments: ReadonlyMap<string, Commented>): [string, string][] {
  const own = comments.get(name);
  if (!own) return [];
  return [...(own.base ? propertyComments(own.base, comments) : []), ...own.properties];
}

function referencesIn(schema: unknown, refPrefix: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([keyword, value]) =>
    keyword === '$ref' ? [(value as string).slice(refPrefix.length)] : referencesIn(value, refPrefix),
  );
}
