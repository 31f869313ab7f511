import type { TaskState } from '#contracts';
import { Raw, type EntityManager, type FindOperator } from 'typeorm';
import { Task } from '../../entities/index.js';
import { idRange } from '../sql/id-range.js';
import { isConfined, visibleTaskIds, type Viewer } from '../sql/visible-to.js';

export interface TaskFilter {
  state?: TaskState;
  pool?: string;
  /** The daemon that claimed the current attempt. */
  daemonId?: string;
  name?: string;
  /** Only tasks whose id begins like this: hex digits, with or without dashes. */
  idPrefix?: string;
  /** Only tasks whose id ends like this: up to 12 hex digits. Reads all tasks, about 2 ms per thousand. */
  idSuffix?: string;
  /** Only tasks with a lower id than this: the last id of the page before. */
  before?: string;
  limit: number;
}

/** A task without its large fields: a page of plans and histories could be hundreds of megabytes. */
export type ListedTask = Omit<Task, 'plan' | 'conversationHistory'>;

const LARGE_COLUMNS: ReadonlySet<string> = new Set<keyof Task>(['plan', 'conversationHistory']);

/** Tasks that the viewer sees, by descending id, which for UUIDv7 is the newest first. */
export function listTasks(manager: EntityManager, viewer: Viewer, filter: TaskFilter): Promise<ListedTask[]> {
  const { state, pool, daemonId, name, limit } = filter;
  const id = idCondition(viewer, filter);
  return manager.find(Task, {
    select: listedColumns(manager),
    where: {
      ...(state && { state }),
      ...(pool && { pool }),
      ...(daemonId && { daemonId }),
      ...(name && { name }),
      ...(id && { id }),
    },
    order: { id: 'DESC' },
    take: limit,
  });
}

/** One raw condition: TypeORM's `And` accepts no raw ones. */
function idCondition(
  viewer: Viewer,
  { idPrefix, idSuffix, before }: TaskFilter,
): FindOperator<string> | undefined {
  const range = idPrefix === undefined ? undefined : idRange(idPrefix);
  const conditions = (id: string): string[] => [
    ...(range === undefined ? [] : [`${id} BETWEEN :from AND :to`]),
    ...(isConfined(viewer) ? [`${id} IN (${visibleTaskIds({ owner: ':owner', pool: ':pool' })})`] : []),
    ...(before === undefined ? [] : [`${id} < :before`]),
    ...(idSuffix === undefined ? [] : [`right(CAST(${id} AS text), :suffixLength) = :suffix`]),
  ];
  if (conditions('').length === 0) return undefined;
  return Raw((id) => conditions(id).join(' AND '), {
    ...range,
    owner: viewer.owner,
    pool: viewer.pool,
    before,
    suffix: idSuffix?.toLowerCase(),
    suffixLength: idSuffix?.length,
  });
}

function listedColumns(manager: EntityManager): Partial<Record<keyof Task, true>> {
  const names = manager.dataSource.getMetadata(Task).columns.map((column) => column.propertyName);
  return Object.fromEntries(names.filter((name) => !LARGE_COLUMNS.has(name)).map((name) => [name, true]));
}
