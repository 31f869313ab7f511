import { Logger, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Request, Response } from 'express';
import { lastValueFrom, of, type Observable } from 'rxjs';
import { v7 as uuidv7 } from 'uuid';
import { ContractError } from '#contracts';
import {
  Database,
  firstMessage,
  holdIdempotencyKey,
  keepAnswer,
  releaseIdempotencyKey,
  type KeptAnswer,
  type KeyedRequest,
} from '#database';
import { requireCaller } from './caller.js';
import { fingerprintOf, readIdempotencyKey } from './idempotency-key.js';
import { NEVER_KEPT } from './never-kept.js';

/**
 * Lets a POST with an `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header) be sent again: it runs
 * once, and retries get the original response.
 *
 * For 24 hours the same request under the same key gets the response to the first, with
 * `Idempotency-Replayed: true`: status, body and `Location`. Only success is kept; after a refusal or failure
 * the key is free, so that the request may be tried again.
 *
 * The key and what the request does are not one transaction. When the process dies, or Postgres becomes
 * unreachable, after the one and before the answer is kept, the request runs again with the first retry two
 * minutes later; until then retries are answered with 409. What must not happen twice even then has an id of
 * its own (`id` of a task).
 */
export class IdempotencyInterceptor implements NestInterceptor {
  private readonly logger = new Logger(IdempotencyInterceptor.name);

  constructor(private readonly database: Database) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    if (context.getType() !== 'http') return next.handle();
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const header = request.get('Idempotency-Key');
    if (request.method !== 'POST' || header === undefined) return next.handle();
    if (Reflect.hasMetadata(NEVER_KEPT, context.getHandler())) return next.handle();
    const keyed = {
      key: readIdempotencyKey(header),
      requestSha256: fingerprintOf(request, requireCaller(request).tokenId),
      holder: uuidv7(),
    };
    return of(await this.once(keyed, http.getResponse<Response>(), next));
  }

  private async once(keyed: KeyedRequest, response: Response, next: CallHandler): Promise<unknown> {
    const held = await holdIdempotencyKey(this.database.manager, keyed);
    switch (held.outcome) {
      case 'held':
        return this.run(keyed, response, next);
      case 'answered':
        return replay(held.answer, response);
      case 'in-progress':
        response.setHeader('Retry-After', '1');
        throw new ContractError(
          'IDEMPOTENCY_KEY_IN_PROGRESS',
          'The first request with this Idempotency-Key has not been answered yet. Send it again in a moment.',
          'Idempotency-Key',
        );
      case 'of-another-request':
        throw new ContractError(
          'IDEMPOTENCY_KEY_REUSED',
          'This Idempotency-Key was used for another path or body, or by another caller. Choose a new key.',
          'Idempotency-Key',
        );
    }
  }

  private async run(keyed: KeyedRequest, response: Response, next: CallHandler): Promise<unknown> {
    const { manager } = this.database;
    let body: unknown;
    try {
      body = await lastValueFrom(next.handle(), { defaultValue: undefined });
    } catch (error) {
      await this.tryTo('give back', releaseIdempotencyKey(manager, keyed));
      throw error;
    }
    const location = (response.getHeader('Location') as string | undefined) ?? null;
    const answer = { status: response.statusCode, body: body ?? null, location };
    await this.tryTo('keep the answer of', keepAnswer(manager, keyed, answer));
    return body;
  }

  /** The client gets the response in any case; the key is free again once it has expired. */
  private async tryTo(what: string, work: Promise<void>): Promise<void> {
    await work.catch((error: unknown) =>
      this.logger.warn(`Cannot ${what} an Idempotency-Key: ${firstMessage(error)}`),
    );
  }
}

function replay({ status, body, location }: KeptAnswer, response: Response): unknown {
  response.status(status).setHeader('Idempotency-Replayed', 'true');
  if (location !== null) response.setHeader('Location', location);
  return body ?? undefined;
}
