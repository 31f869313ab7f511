import { Global, Module } from '@nestjs/common';
import { OutboxRelay } from './outbox-relay.js';
import { OutboxTransaction } from './outbox-transaction.js';
import { ReplayDeadLetter } from './replay-dead-letter.js';

/**
 * Runs an {@link OutboxRelay} in the app, and gives it an {@link OutboxTransaction} to write with and {@link
 * ReplayDeadLetter}. Needs DatabaseModule and MessagingModule, which are global.
 */
@Global()
@Module({
  providers: [OutboxRelay, OutboxTransaction, ReplayDeadLetter],
  exports: [OutboxTransaction, ReplayDeadLetter],
})
export class OutboxModule {}
