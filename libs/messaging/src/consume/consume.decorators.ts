import { applyDecorators, UseFilters } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import type { HandlerDecorator } from '../nest/handler-decorator.js';
import { RethrowFilter } from '../nest/rethrow.filter.js';
import type { ConsumerKey } from '../topology/consumers.js';
import type { ConsumedMessage } from './consumed-message.js';
import type { Aside, Poison } from './handle-and-settle.js';

/** Handlers say which transport they belong to; without it Nest registers them on every one. */
export const JETSTREAM_TRANSPORT = Symbol('jetstream');

/**
 * Handles the messages of a consumer, one call per message: `(message: ConsumedMessage) => Promise<void>`.
 *
 * Many run at once, in no order; a message may come more than once. Returning acknowledges it; what throwing
 * means is said in settle.ts.
 */
export function Consume(consumer: ConsumerKey): HandlerDecorator<ConsumedMessage> {
  return applyDecorators(EventPattern<string>(consumer, JETSTREAM_TRANSPORT), UseFilters(RethrowFilter));
}

/**
 * Keeps the messages of these consumers that can never succeed: `(poison: Poison) => Promise<void>`. Only
 * when it returned is the message taken out of its stream. May run more than once for one message. Every
 * consumer needs one.
 */
export function DeadLetters(...consumers: ConsumerKey[]): HandlerDecorator<Poison> {
  return applyDecorators(
    EventPattern<string[]>(consumers.map(deadLetterPattern), JETSTREAM_TRANSPORT),
    UseFilters(RethrowFilter),
  );
}

/**
 * Keeps the messages of these consumers that wait for something, or for their sender's turn: `(aside: Aside)
 * => Promise<AsideOutcome>`. Only when it returned are they taken out of their stream. A consumer without one
 * leaves them there.
 */
export function SetAside(...consumers: ConsumerKey[]): HandlerDecorator<Aside> {
  return applyDecorators(
    EventPattern<string[]>(consumers.map(asidePattern), JETSTREAM_TRANSPORT),
    UseFilters(RethrowFilter),
  );
}

export function asidePattern(consumer: string): string {
  return `${consumer}/set-aside`;
}

export function deadLetterPattern(consumer: string): string {
  return `${consumer}/dead-letters`;
}
