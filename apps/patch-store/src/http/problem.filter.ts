import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import { Catch, HttpException, Logger, NotFoundException, type ArgumentsHost } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import type { Express, Request } from 'express';
import { ContractError, harmlessJson, type Problem } from '#contracts';
import { isUnavailable } from '#database';
import { allowedMethods } from './allowed-methods.js';
import { MAX_BODY_BYTES } from './max-body-bytes.js';
import { problemOfCode } from './problem-of-code.js';

/**
 * Answers every failed request of the API as `application/problem+json`. Errors that are not the caller's
 * fault are logged, without details in the answer. Probes and metrics, which are not part of the API, keep
 * their own form.
 */
@Catch()
export class ProblemFilter extends BaseExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  override catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    if (!http.getRequest<IncomingMessage>().url?.startsWith('/v1/')) {
      // oxlint-disable-next-line promise/valid-params, promise/no-promise-in-callback -- no promise is involved
      super.catch(error, host);
      return;
    }
    const response = http.getResponse<ServerResponse>();
    const problem = this.isWrongMethod(error, http) ?? this.problemOf(error);
    if (response.headersSent) {
      // A body that breaks off shows the client that it is incomplete.
      response.destroy();
      return;
    }
    if (problem.status === 503) response.setHeader('Retry-After', '1');
    response.writeHead(problem.status, { 'Content-Type': 'application/problem+json' });
    response.end(harmlessJson(JSON.stringify(problem)));
  }

  /** Nest answers 404 for an existing path if the method is wrong. */
  private isWrongMethod(
    error: unknown,
    http: ReturnType<ArgumentsHost['switchToHttp']>,
  ): Problem | undefined {
    if (!(error instanceof NotFoundException)) return undefined;
    const { method, path } = http.getRequest<Request>();
    const allowed = allowedMethods(this.applicationRef!.getInstance() as Express, path);
    if (allowed === '') return undefined;
    http.getResponse<ServerResponse>().setHeader('Allow', allowed);
    return problemOfHttp(405, `${path} does not support ${method}, only ${allowed}.`);
  }

  private problemOf(error: unknown): Problem {
    if (error instanceof ContractError) return problemOfCode(error.code, error.message, error.path);
    if (error instanceof HttpException && error.getStatus() === 413) {
      return problemOfCode(
        'MESSAGE_TOO_LARGE',
        `The body has more than ${MAX_BODY_BYTES} bytes. Shorten it.`,
      );
    }
    if (error instanceof HttpException) return problemOfHttp(error.getStatus(), error.message);
    if (isUnavailable(error)) {
      return problemOfHttp(503, 'The database is unreachable. The same request may succeed in a moment.');
    }
    this.logger.error({ msg: 'HTTP request failed', err: error });
    return problemOfCode('INTERNAL', 'The request failed on the server. The same request may succeed later.');
  }
}

function problemOfHttp(status: number, detail: string): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail };
}
