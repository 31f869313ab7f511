import type { NestExpressApplication } from '@nestjs/platform-express';
import { MAX_PATCH_SIZE_BYTES } from '#contracts';
import { connectHandlers } from '#messaging';
import type { AppDefinition } from '#runtime';
import { ContractPipe } from './http/contract.pipe.js';
import { ProblemFilter } from './http/problem.filter.js';
import { readPatchStoreConfig, type PatchStoreConfig } from './patch-store.config.js';
import { PatchStoreModule } from './patch-store.module.js';

/** A patch at the limit in base64, and the rest of its body. */
const MAX_BODY_BYTES = Math.ceil(MAX_PATCH_SIZE_BYTES / 3) * 4 + 64 * 1024;

/** patch-store: keeps tasks, sends them out, and hands out their patches, over HTTP and NATS. */
export const patchStore: AppDefinition<PatchStoreConfig> = {
  readConfig: () => readPatchStoreConfig(),
  module: (config) => PatchStoreModule.forRoot(config),
  configure: (app) => {
    (app as NestExpressApplication).useBodyParser('json', { limit: MAX_BODY_BYTES });
    app.useGlobalPipes(new ContractPipe());
    app.useGlobalFilters(new ProblemFilter(app.getHttpAdapter()));
    connectHandlers(app);
  },
};
