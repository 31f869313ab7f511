import { createHash } from 'node:crypto';

/** Bytes that do not compress, the same for the same name. */
export function incompressible(name: string, sizeBytes: number): Buffer {
  return createHash('shake256', { outputLength: sizeBytes }).update(name).digest();
}
