import type { ErrorCode } from '#contracts';
import { LessThan, type EntityManager } from 'typeorm';
import { DeadLetter } from '../../entities/index.js';

export interface DeadLetterFilter {
  code?: ErrorCode;
  taskId?: string;
  daemonId?: string;
  /** Only letters with a lower id than this: the last id of the page before. */
  before?: string;
  limit: number;
}

/** A dead letter without its payload. */
export type ListedDeadLetter = Omit<DeadLetter, 'payload'>;

/**
 * Dead letters by descending id, which for UUIDv7 is the order in which they came, newest first. Reads no
 * payload.
 */
export function listDeadLetters(
  manager: EntityManager,
  { code, taskId, daemonId, before, limit }: DeadLetterFilter,
): Promise<ListedDeadLetter[]> {
  return manager.find(DeadLetter, {
    where: {
      ...(code && { code }),
      ...(taskId && { taskId }),
      ...(daemonId && { daemonId }),
      ...(before && { id: LessThan(before) }),
    },
    order: { id: 'DESC' },
    take: limit,
  });
}

/** One dead letter with its payload, or null. */
export function findDeadLetter(manager: EntityManager, id: string): Promise<DeadLetter | null> {
  return manager.createQueryBuilder(DeadLetter, 'letter').addSelect('letter.payload').where({ id }).getOne();
}
