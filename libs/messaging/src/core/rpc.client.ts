import { Injectable } from '@nestjs/common';
import { RequestError, TimeoutError, type Msg } from '@nats-io/transport-node';
import { ContractError, decode, encode, isErrorCode } from '#contracts';
import { NatsClient } from '../connection/nats-client.js';
import { RpcUnavailableError } from './rpc-unavailable-error.js';

const DEFAULT_TIMEOUT_MILLISECONDS = 5_000;

/** Asks services over NATS request/reply. */
@Injectable()
export class RpcClient {
  constructor(private readonly nats: NatsClient) {}

  /**
   * Sends a request and reads its reply. Not tried again here: the server may have acted on a request whose
   * answer got lost.
   *
   * @param body a message of #contracts
   * @param replyClass what the reply is to be; checked
   * @throws ContractError with the code of the refusal, or of what is wrong with the reply
   * @throws RpcUnavailableError when nobody answers in time, or the server is at fault
   */
  async request<Reply extends object>(
    subject: string,
    body: object,
    replyClass: new () => Reply,
    timeoutMilliseconds = DEFAULT_TIMEOUT_MILLISECONDS,
  ): Promise<Reply> {
    const reply = await this.ask(subject, encode(body), timeoutMilliseconds);
    refuseErrorReply(subject, reply.data);
    return decode(replyClass, reply.data);
  }

  private async ask(subject: string, data: Uint8Array, timeout: number): Promise<Msg> {
    try {
      const connection = await this.nats.connectedWithin(timeout);
      return await connection.request(subject, data, { timeout });
    } catch (cause) {
      throw new RpcUnavailableError(subject, reasonOf(cause, timeout), { cause });
    }
  }
}

function reasonOf(cause: unknown, timeoutMilliseconds: number): string {
  if (cause instanceof TimeoutError) return `nothing came within ${timeoutMilliseconds} ms`;
  if (cause instanceof RequestError && cause.isNoResponders()) return 'no server of it is running';
  return (cause as Error).message;
}

function refuseErrorReply(subject: string, data: Uint8Array): void {
  const error = errorIn(data);
  if (!error) return;
  const message = error.message ?? 'no reason was given';
  if (isErrorCode(error.code)) throw new ContractError(error.code, message, error.path);
  throw new RpcUnavailableError(subject, `${String(error.code)}: ${message}`);
}

/**
 * The error of an error reply. A reply that is no JSON has none; {@link decode} says what is wrong with it.
 */
function errorIn(data: Uint8Array): { code?: unknown; message?: string; path?: string } | undefined {
  try {
    const reply = JSON.parse(Buffer.from(data).toString('utf8')) as { error?: object } | null;
    return reply?.error;
  } catch {
    return undefined;
  }
}
