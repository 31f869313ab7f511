import 'reflect-metadata';
import { getMetadataStorage, validateSync } from 'class-validator';
import { ConfigurationError } from './configuration-error.js';

/**
 * Reads the environment of an app into its class, once, at start.
 *
 * The names of the class's properties are the names of the variables, their initial values are the defaults,
 * their declared types (string, number, boolean) determine how to read the text, and their class-validator
 * decorators what is allowed. An empty variable is treated as unset.
 *
 * @throws ConfigurationError naming every variable that is missing or not allowed
 */
export function readEnvironment<T extends object>(
  type: new () => T,
  variables: Readonly<Record<string, string | undefined>>,
): T {
  const environment = new type();
  const problems: string[] = [];
  const unreadable = new Set<string>();
  for (const name of variableNames(type)) {
    const text = variables[name];
    if (text === undefined || text === '') continue;
    const value = readAs(declaredType(type, name), text);
    if (value === undefined) {
      unreadable.add(name);
      problems.push(`${name} is "${text}": it must be ${article(declaredType(type, name))}.`);
    } else {
      Object.assign(environment, { [name]: value });
    }
  }
  for (const error of validateSync(environment)) {
    if (unreadable.has(error.property)) continue;
    const reasons = Object.values(error.constraints ?? {}).join('; ');
    const given = variables[error.property];
    problems.push(
      given === undefined || given === ''
        ? `${error.property} is not set: ${reasons}.`
        : `${error.property}${withoutSecret(error.property, given)}: ${reasons}.`,
    );
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return environment;
}

/** The variables that an environment class knows, in the order of their declaration, base classes first. */
export function variableNames(type: new () => object): string[] {
  const metadata = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  return [...new Set(metadata.map((entry) => entry.propertyName))];
}

type DeclaredType = 'string' | 'number' | 'boolean';

function declaredType(type: new () => object, name: string): DeclaredType {
  const declared: unknown = Reflect.getMetadata('design:type', type.prototype as object, name);
  if (declared === Number) return 'number';
  if (declared === Boolean) return 'boolean';
  return 'string';
}

function readAs(type: DeclaredType, text: string): string | number | boolean | undefined {
  if (type === 'string') return text;
  if (type === 'number') return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  return undefined;
}

function article(type: DeclaredType): string {
  return type === 'boolean' ? '"true" or "false"' : `a ${type}`;
}

function withoutSecret(name: string, value: string): string {
  if (name.endsWith('_TOKEN')) return '';
  return ` is "${withoutPassword(value)}"`;
}

function withoutPassword(value: string): string {
  return value.replace(/(:\/\/[^:@/]*):[^@/]*@/, '$1:***@');
}
