import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { isUUID, validateSync } from 'class-validator';
import { ContractError, decodeValue } from '#contracts';

/**
 * Validates bodies and queries by their classes, with the same codes and texts as messages on the wire.
 * Unlike there, an unknown field is refused: over HTTP it is more likely a typing mistake than a newer
 * sender.
 */
@Injectable()
export class ContractPipe implements PipeTransform {
  transform(value: unknown, { metatype, type }: ArgumentMetadata): unknown {
    if ((type !== 'body' && type !== 'query') || metatype === undefined || metatype === Object) return value;
    const contract = metatype as new () => object;
    const given = value ?? {};
    refuseUnknownFields(contract, given);
    return decodeValue(contract, given);
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

function refuseUnknownFields(contract: new () => object, value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const errors = validateSync(plainToInstance(contract, value), {
    whitelist: true,
    forbidNonWhitelisted: true,
  });
  const unknown = errors.find((error) => error.constraints?.['whitelistValidation'] !== undefined);
  if (!unknown) return;
  throw new ContractError(
    'FIELD_INVALID',
    `${contract.name}.${unknown.property}: there is no such field.`,
    unknown.property,
  );
}
