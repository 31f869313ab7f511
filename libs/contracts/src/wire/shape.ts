import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { getMetadataStorage } from 'class-validator';
import { isAnyJson } from '../fields/json-text.js';

export type ContractClass<T extends object = object> = new () => T;

/** What a contract class says of one of its fields. */
export interface Field {
  /** The class of its value, or of the elements of the list that it is. */
  nested: ContractClass | undefined;
  isList: boolean;
  /** Most elements of a list; undefined: no list, or no limit. */
  maxElements: number | undefined;
}

/** The fields of a contract class, by name. */
export interface Shape {
  fields: ReadonlyMap<string, Field>;
  /** Those whose value is carried without being read. */
  opaque: ReadonlySet<string>;
}

const shapes = new Map<ContractClass, Shape>();

/** What the decorators of a class say about its fields; looked up once. */
export function shapeOf(type: ContractClass): Shape {
  const known = shapes.get(type);
  if (known) return known;
  const shape = readShape(type);
  shapes.set(type, shape);
  return shape;
}

function readShape(type: ContractClass): Shape {
  const rules = getMetadataStorage().getTargetValidationMetadatas(type, '', true, false);
  const names = [...new Set(rules.map(({ propertyName }) => propertyName))];
  const ruleOf = (property: string, rule: string) =>
    rules.find(({ propertyName, name }) => propertyName === property && name === rule);
  const fieldOf = (name: string): Field => ({
    nested: defaultMetadataStorage.findTypeMetadata(type, name)?.typeFunction() as ContractClass | undefined,
    isList: ruleOf(name, 'isArray') !== undefined,
    maxElements: ruleOf(name, 'arrayMaxSize')?.constraints[0] as number | undefined,
  });
  return {
    fields: new Map(names.map((name) => [name, fieldOf(name)])),
    opaque: new Set(names.filter((name) => isAnyJson(type, name))),
  };
}
