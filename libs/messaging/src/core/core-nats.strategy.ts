import { Injectable } from '@nestjs/common';
import type { MessageHandler } from '@nestjs/microservices';
import { ContractError, encode } from '#contracts';
import { RetryLater } from '../consume/retry-later.js';
import { senderOf } from '../consume/sender-of.js';
import { AwaitingServer } from '../nest/awaiting-server.js';
import { CORE_NATS_TRANSPORT } from './core.decorators.js';
import { CoreListener } from './core-listener.js';
import { FairRequests, TooManyRequestsError } from './fair-requests.js';
import { mayAnswer } from './may-answer.js';
import { errorReplyFor } from './error-reply-for.js';
import type { ReceivedMessage } from './received-message.js';

const MAX_LOGGED_LENGTH = 200;

/**
 * Runs the methods marked `@Rpc` and `@Subscribe`, over the process's one connection and in plain JSON, so
 * that any NATS client can ask. The app's name is the queue group.
 *
 * Nest's own `Transport.NATS` would do the same but for three things: it holds up the start until NATS is
 * there, it wraps messages in packets of its own, and it stops by sleeping for a fixed time instead of
 * waiting for its handlers.
 */
@Injectable()
export class CoreNatsStrategy extends AwaitingServer {
  override readonly transportId = CORE_NATS_TRANSPORT;
  private listeners: CoreListener[] = [];
  private readonly requests = new FairRequests();

  /** Calls back at once; the subscriptions are made when NATS is there. */
  override listen(callback: () => void): void {
    this.listeners = [...this.messageHandlers].map(([subject, handler]) => this.listener(subject, handler));
    for (const listener of this.listeners) {
      // Fails only when the process stops before NATS was ever there.
      listener.start(this.nats).catch(() => {});
    }
    callback();
  }

  /** Stops listening, then waits for the handlers and their replies. */
  protected override async finish(): Promise<void> {
    await Promise.all(this.listeners.map((listener) => listener.close()));
  }

  private listener(subject: string, handler: MessageHandler): CoreListener {
    const run = handler.isEventHandler
      ? (message: ReceivedMessage) => this.callHandler(subject, message)
      : (message: ReceivedMessage) => this.answer(subject, message);
    return new CoreListener(subject, run, { queue: this.nats.name });
  }

  private async answer(subject: string, request: ReceivedMessage): Promise<void> {
    if (!mayAnswer(request)) {
      this.logger.warn({
        msg: 'a request is not answered: its reply subject is none of its daemon',
        subject: request.subject,
        reply: request.reply?.slice(0, MAX_LOGGED_LENGTH),
      });
      return;
    }
    try {
      const reply = await this.requests.run(senderOf(request.subject), () =>
        this.callHandler(subject, request),
      );
      request.respond(encode(reply as object));
    } catch (error) {
      if (!isExpected(error)) {
        this.logger.error({ msg: 'request failed', subject: request.subject, err: error });
      }
      request.respond(encode(errorReplyFor(error)));
    }
  }
}

/** Whether an error is an answer by itself, which the asker reads; any other one goes to the log, too. */
function isExpected(error: unknown): boolean {
  return (
    error instanceof ContractError || error instanceof RetryLater || error instanceof TooManyRequestsError
  );
}
