import type { INestApplication } from '@nestjs/common';
import { JetStreamStrategy } from './consume/jetstream.strategy.js';
import { CoreNatsStrategy } from './core/core-nats.strategy.js';

/**
 * Connects the app's `@Consume`, `@DeadLetters`, `@Rpc` and `@Subscribe` methods. Call it once, before
 * `startAllMicroservices`. One of the two throws when a handler is missing or there are two.
 */
export function connectHandlers(app: INestApplication): void {
  app.connectMicroservice({ strategy: app.get(JetStreamStrategy) });
  app.connectMicroservice({ strategy: app.get(CoreNatsStrategy) });
}
