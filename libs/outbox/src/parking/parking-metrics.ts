import { Counter } from 'prom-client';

/** `kept` aside, or `refused` because their daemon has too much there already. */
export const parkedTotal = new Counter({
  name: 'patchpoint_parked_messages_total',
  help: 'Messages that were to be set aside, by outcome',
  labelNames: ['consumer', 'outcome'],
});
