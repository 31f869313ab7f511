import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';

/**
 * How messages were decoded before there were limits: parse, look for NUL, class-transformer,
 * class-validator. What `decode` is compared with, in the same run.
 */
export function formerDecode<T extends object>(type: new () => T, bytes: Uint8Array): T {
  const value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as object;
  refuseNul(value);
  const message = plainToInstance(type, value);
  if (validateSync(message, { whitelist: true, forbidUnknownValues: true }).length > 0) {
    throw new Error('The message is invalid.');
  }
  return message;
}

function refuseNul(value: unknown): void {
  if (typeof value === 'string') {
    if (value.includes('\0')) throw new Error('NUL');
  } else if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) refuseNul(inner);
  }
}
