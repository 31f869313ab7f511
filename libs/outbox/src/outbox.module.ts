import { Global, Module } from '@nestjs/common';
import { OutboxRelay } from './outbox-relay.js';

/** Runs an {@link OutboxRelay} in the app. Needs DatabaseModule and MessagingModule, which are global. */
@Global()
@Module({ providers: [OutboxRelay], exports: [OutboxRelay] })
export class OutboxModule {}
