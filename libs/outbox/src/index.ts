/**
 * From a decision to a published message.
 *
 *   OutboxTransaction: work(manager, announce) → rows of both → commit → wake the relay
 *   OutboxRelay:       claim rows → publish in order per task → mark
 *   ReplayDeadLetter:  a message that could not be taken → the outbox again
 *
 * At least once, under the same event id each time; never without a commit. Nobody else writes the outbox.
 */
export { OutboxModule } from './outbox.module.js';
export { OutboxTransaction, type Announce } from './outbox-transaction.js';
export { ReplayDeadLetter } from './replay-dead-letter.js';
