import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { ContractError, decode, decodeValue } from '#contracts';
import { MAX_BODY_BYTES } from './max-body-bytes.js';

/** An empty body, with which every field has its default. */
const NO_FIELDS = Buffer.from('{}');

/**
 * Reads bodies, which come as bytes, and queries by their classes, with the same limits, codes and texts as
 * messages on the wire. Unlike there, an unknown field is refused: over HTTP it is more likely a typing
 * mistake than a newer sender.
 */
@Injectable()
export class ContractPipe implements PipeTransform {
  transform(value: unknown, { metatype, type }: ArgumentMetadata): unknown {
    if ((type !== 'body' && type !== 'query') || metatype === undefined || metatype === Object) return value;
    const contract = metatype as new () => object;
    if (!(value instanceof Uint8Array)) return decodeValue(contract, value ?? {}, 'refuse');
    const body = value.length === 0 ? NO_FIELDS : value;
    return decode(contract, body, { maxBytes: MAX_BODY_BYTES, unknownFields: 'refuse' });
  }
}

/** An id in a path. Upper case is accepted and converted to lower case. */
@Injectable()
export class IdPipe implements PipeTransform<string, string> {
  transform(value: string, { data }: ArgumentMetadata): string {
    if (isUUID(value)) return value.toLowerCase();
    throw new ContractError('BAD_ID', `"${value}" is not a UUID.`, data);
  }
}

/** A positive integer in a path. */
@Injectable()
export class OrdinalPipe implements PipeTransform<string, number> {
  transform(value: string, { data }: ArgumentMetadata): number {
    if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
    throw new ContractError('FIELD_INVALID', `"${value}" is not a positive integer.`, data);
  }
}
