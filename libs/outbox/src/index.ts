/**
 * From a decision to a published message.
 *
 *   OutboxTransaction: work(manager, announce) → rows of both → commit → wake the relay
 *   OutboxRelay:       claim rows → publish in order per task → mark
 *   BuryMessages:      a message that can never succeed → dead_letters
 *   ParkMessages:      a message that waits → parked_messages; TakeUpParked handles it when it is due
 *   ReplayDeadLetter:  a message that could not be taken → the outbox again
 *
 * At least once, under the same event id each time; never without a commit. Nobody else writes the outbox.
 */
export { IntakeWatch } from './intake-watch.js';
export { BuryMessages } from './bury-messages.js';
export type { KeptLetter, Sender } from './keep-dead-letters.js';
export { OutboxModule } from './outbox.module.js';
export { OutboxTransaction, type Announce } from './outbox-transaction.js';
export { ParkMessages } from './parking/park-messages.js';
export { ReplayDeadLetter } from './replay-dead-letter.js';
