import { Global, Module } from '@nestjs/common';
import { OutboxRelay } from './outbox-relay.js';
import { ReplayDeadLetter } from './replay-dead-letter.js';

/**
 * Runs an {@link OutboxRelay} in the app, and replays dead letters. Needs DatabaseModule and MessagingModule,
 * which are global.
 */
@Global()
@Module({ providers: [OutboxRelay, ReplayDeadLetter], exports: [OutboxRelay, ReplayDeadLetter] })
export class OutboxModule {}
