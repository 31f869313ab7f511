import { Global, Module } from '@nestjs/common';
import { IntakeWatch } from './intake-watch.js';
import { OutboxRelay } from './outbox-relay.js';
import { OutboxTransaction } from './outbox-transaction.js';
import { ParkMessages } from './parking/park-messages.js';
import { TakeUpParked } from './parking/take-up-parked.js';
import { SettleParked } from './parking/settle-parked.js';
import { ReplayDeadLetter } from './replay-dead-letter.js';

/**
 * Runs an {@link OutboxRelay} in the app, and gives it an {@link OutboxTransaction} to write with and {@link
 * ReplayDeadLetter}. Takes up what its consumers have set aside with {@link ParkMessages}. Needs
 * DatabaseModule and MessagingModule, which are global.
 */
@Global()
@Module({
  providers: [
    OutboxRelay,
    OutboxTransaction,
    ReplayDeadLetter,
    ParkMessages,
    SettleParked,
    TakeUpParked,
    IntakeWatch,
  ],
  exports: [OutboxTransaction, ReplayDeadLetter, ParkMessages],
})
export class OutboxModule {}
