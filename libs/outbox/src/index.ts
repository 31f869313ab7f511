/**
 * From a committed row to a published message.
 *
 *   transaction: … insertOutbox(row) → commit → relay.wake()
 *   relay:       claim rows → publish in order per task → mark
 *
 * At least once, under the same event id each time; never without a commit.
 */
export { OutboxModule } from './outbox.module.js';
export { OutboxRelay } from './outbox-relay.js';
export { ReplayDeadLetter } from './replay-dead-letter.js';
