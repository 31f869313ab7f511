import { setTimeout as sleep } from 'node:timers/promises';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Database } from '#database';
import { connectHandlers } from '#messaging';
import type { AppDefinition } from '#runtime';
import { requireAccess } from './http/access.js';
import { ConfinementGuard } from './http/confinement.guard.js';
import { ContractPipe } from './http/contract.pipe.js';
import { SWAGGER_UI_FOLDER } from './http/docs.controller.js';
import { IdempotencyInterceptor } from './http/idempotency.interceptor.js';
import { MAX_BODY_BYTES } from './http/max-body-bytes.js';
import { ProblemFilter } from './http/problem.filter.js';
import { requireJson } from './http/require-json.js';
import { ScopeGuard } from './http/scope.guard.js';
import { readPatchStoreConfig, type PatchStoreConfig } from './patch-store.config.js';
import { PatchStoreModule } from './patch-store.module.js';
import { FindCaller } from './tokens/find-caller.js';

/**
 * The start waits this long for Postgres, so that the first request is not refused; then it continues
 * without.
 */
const DATABASE_PATIENCE_MILLISECONDS = 5_000;

/** patch-store: keeps tasks, spawns them, and serves their patches, over HTTP and NATS. */
export const patchStore: AppDefinition<PatchStoreConfig> = {
  readConfig: () => readPatchStoreConfig(),
  module: (config) => PatchStoreModule.forRoot(config),
  configure: async (app, { apiToken }) => {
    const callers = app.get(FindCaller);
    app.use(
      requireAccess(apiToken, (token) => callers.find(token)),
      requireJson,
    );
    app.useGlobalGuards(new ScopeGuard(), new ConfinementGuard(app.get(Database)));
    const express = app as NestExpressApplication;
    express.useStaticAssets(SWAGGER_UI_FOLDER, { prefix: '/docs', index: false, redirect: false });
    // As bytes: what is carried in a body is cut out of them, and `decode` is the one reader of JSON.
    express.useBodyParser('raw', { type: () => true, limit: MAX_BODY_BYTES });
    app.useGlobalPipes(new ContractPipe());
    app.useGlobalInterceptors(new IdempotencyInterceptor(app.get(Database)));
    app.useGlobalFilters(new ProblemFilter(app.getHttpAdapter()));
    connectHandlers(app);
    await Promise.race([
      app.get(Database).connected(),
      sleep(DATABASE_PATIENCE_MILLISECONDS, undefined, { ref: false }),
    ]);
  },
};
