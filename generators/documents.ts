import { asyncApi } from './asyncapi/asyncapi.js';
import { cliDocument } from './cli/cli-document.js';
import type { GeneratedDocument } from './generated-document.js';
import { natsPermissions } from './nats/nats-permissions.js';
import { openApi } from './openapi/openapi.js';

/** Every generated document. A new one is a folder beside this file, and a line here. */
export const documents: readonly GeneratedDocument[] = [asyncApi, cliDocument, natsPermissions, openApi];
