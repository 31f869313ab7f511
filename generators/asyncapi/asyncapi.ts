import { stringify } from 'yaml';
import type { GeneratedDocument } from '../generated-document.js';
import { asyncApiDocument } from './asyncapi-document.js';

export const asyncApi: GeneratedDocument = {
  path: 'docs/asyncapi.yaml',
  make: async () => stringify(asyncApiDocument(), { aliasDuplicateObjects: false, lineWidth: 110 }),
};
