import type { ValueTransformer } from 'typeorm';

/** A digest: hex in code, as on the wire; half as many bytes in the database. */
export const hex: ValueTransformer = {
  to: (value?: string) => (value === undefined ? undefined : Buffer.from(value, 'hex')),
  from: (value?: Buffer) => value?.toString('hex'),
};
