import { applyDecorators } from '@nestjs/common';
import { Allow } from 'class-validator';

/**
 * The text of a JSON value exactly as its sender wrote it. It is carried, never read: parsing and writing it
 * again would round long numbers, move keys that look like integers and drop repeated ones.
 */
export class JsonText {
  /** @param text one JSON value */
  constructor(readonly text: string) {}
}

const MARK = 'patchpoint:any-json';

/**
 * Any JSON, carried byte for byte: `decode` gives a {@link JsonText}, or null for `null`. For a field at the
 * top of a message, whose bytes are found without reading what is in it.
 */
export const IsAnyJson = () =>
  applyDecorators(Allow(), (target: object, property?: string | symbol) =>
    Reflect.defineMetadata(MARK, true, target, property!),
  );

/** Whether the field of that class has {@link IsAnyJson}. */
export function isAnyJson(type: { prototype: object }, property: string): boolean {
  return Reflect.getMetadata(MARK, type.prototype, property) === true;
}
