import { Counter, Gauge } from 'prom-client';

/** `kept` aside, or `refused` because their daemon has too much there already. */
export const parkedTotal = new Counter({
  name: 'patchpoint_parked_messages_total',
  help: 'Messages that were to be set aside, by outcome',
  labelNames: ['consumer', 'outcome'],
});

/** Daemons that the metrics name: those that have most. Labels must not grow with the number of daemons. */
export const TOP_DAEMONS = 20;

export const oldestAgeSeconds = new Gauge({
  name: 'patchpoint_oldest_unsettled_message_age_seconds',
  help: 'Age of the oldest message of a consumer that is neither handled nor buried nor set aside; 0: none',
  labelNames: ['consumer'],
});

export const parkedMessages = new Gauge({
  name: 'patchpoint_parked_messages',
  help: 'Messages that wait aside, of the 20 daemons that have most',
  labelNames: ['daemon'],
});

export const parkedBytes = new Gauge({
  name: 'patchpoint_parked_bytes',
  help: 'Bytes of the messages that wait aside, of the 20 daemons that have most',
  labelNames: ['daemon'],
});

export const deadLetters = new Gauge({
  name: 'patchpoint_dead_letters',
  help: 'Dead letters of the 20 daemons that have most; an empty name: of those that name none',
  labelNames: ['daemon'],
});

/** Shows these daemons, and no others any more. */
export function showTop<Row extends { daemonId: string | null }>(
  gauge: Gauge<'daemon'>,
  rows: readonly Row[],
  valueOf: (row: Row) => number,
): void {
  gauge.reset();
  for (const row of rows) gauge.set({ daemon: row.daemonId ?? '' }, valueOf(row));
}
