import { Injectable, type BeforeApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import { BaseRpcContext, Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { NatsClient } from '../connection/nats-client.js';

/**
 * A Nest transport that waits for its handlers and gets their errors as they were thrown, so that it can
 * settle messages and stop without leaving work behind. Nest's own event handling neither waits nor passes
 * errors on.
 *
 * It takes nothing new from `onModuleDestroy` on, and the stop waits for its handlers in
 * `beforeApplicationShutdown`.
 */
@Injectable()
export abstract class AwaitingServer
  extends Server
  implements CustomTransportStrategy, OnModuleDestroy, BeforeApplicationShutdown
{
  override readonly propagatesEventHandlerErrors = true;
  private closing: Promise<void> | undefined;

  constructor(protected readonly nats: NatsClient) {
    super();
  }

  /** Takes nothing new, then resolves when all handlers are done. Called once. */
  protected abstract finish(): Promise<void>;

  /** May be called twice. */
  override async close(): Promise<void> {
    this.closing ??= this.finish();
    await this.closing;
  }

  onModuleDestroy(): void {
    this.close().catch((error: unknown) => this.logger.error(error));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.close();
  }

  override unwrap<T>(): T {
    return this.nats as T;
  }

  /** Refuses a second handler for a pattern: a message has one handler. Nest would chain or replace them. */
  override addHandler(...[pattern, ...rest]: Parameters<Server['addHandler']>): void {
    if (this.messageHandlers.has(this.normalizePattern(pattern))) {
      throw new Error(
        `Two methods handle "${String(pattern)}". Remove one, or register its controller once.`,
      );
    }
    super.addHandler(pattern, ...rest);
  }

  override on(): never {
    throw new Error(`${this.constructor.name} has no events; its state changes are logged.`);
  }

  /**
   * Runs a handler between Nest's processing hooks.
   *
   * @throws what the handler threw (given {@link RethrowFilter}, which our decorators add)
   */
  protected async callHandler(pattern: string, payload: object): Promise<unknown> {
    const handler = this.messageHandlers.get(pattern);
    if (!handler) throw new Error(`No handler is registered for "${pattern}".`);
    const context = new BaseRpcContext([payload]);
    // Kept aside, because a processing hook need not hand back the promise.
    let result: Promise<unknown> | undefined;
    await this.runWithProcessingHooks(context, async (runEndHook) => {
      result = resultOf(handler(payload, context)).finally(runEndHook);
      await result;
    });
    return result;
  }
}

async function resultOf(returned: unknown): Promise<unknown> {
  const value: unknown = await returned;
  return isObservable(value) ? lastValueFrom(value, { defaultValue: undefined }) : value;
}
