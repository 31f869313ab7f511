import { applyDecorators, UseFilters } from '@nestjs/common';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import { subjects, type RpcName } from '#contracts';
import type { HandlerDecorator } from '../nest/handler-decorator.js';
import { RethrowFilter } from '../nest/rethrow.filter.js';
import type { ReceivedMessage } from './received-message.js';

/** Handlers say which transport they belong to; without it Nest registers them on every one. */
export const CORE_NATS_TRANSPORT = Symbol('core-nats');

/**
 * Answers a request of any daemon: `(request: ReceivedMessage) => Promise<Reply>`. One replica of the app
 * gets each request.
 *
 * What it returns is sent as JSON; a ContractError becomes an error reply with its code, any other error
 * `INTERNAL`. Who asks is in the subject: check the body against it with `requireIdentity(request.subject,
 * body)`.
 */
export function Rpc(name: RpcName): HandlerDecorator<ReceivedMessage> {
  return applyDecorators(
    MessagePattern(subjects.rpc('*', name), CORE_NATS_TRANSPORT),
    UseFilters(RethrowFilter),
  );
}

/**
 * Hears what is said on a subject (wildcards allowed): `(message: ReceivedMessage) => Promise<void>`. One
 * replica of the app gets each message, at most once; an error is logged.
 */
export function Subscribe(subject: string): HandlerDecorator<ReceivedMessage> {
  return applyDecorators(EventPattern<string>(subject, CORE_NATS_TRANSPORT), UseFilters(RethrowFilter));
}
