import type { GeneratedDocument } from '../generated-document.js';
import { openApiDocument } from './openapi-document.js';

export const openApi: GeneratedDocument = {
  path: 'docs/openapi.json',
  make: async () => `${JSON.stringify(openApiDocument(), null, 2)}\n`,
};
