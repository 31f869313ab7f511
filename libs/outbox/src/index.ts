export { OutboxModule } from './outbox.module.js';
export { OutboxRelay } from './outbox-relay.js';
export { ReplayDeadLetter } from './replay-dead-letter.js';
