import { cloudEventHeaders, subjects } from '#contracts';
import type { JsonSchema } from '../contracts/contract-schemas.js';
import { readComments } from '../contracts/read-comments.js';

const FIXED = new Set(['ce-specversion', 'ce-datacontenttype']);

/** The headers of an event, from those of one, and from what is said about them. */
export function cloudEventHeadersSchema(): JsonSchema {
  const event = { id: '', recordedAt: new Date(0) };
  const example = Object.entries(cloudEventHeaders(subjects.event('d', 't', 'task-started'), event)!);
  const comments = readComments().get('CloudEventHeaders')!.properties;
  const property = ([name, value]: [string, string]): [string, JsonSchema] => [
    name,
    {
      ...(comments.get(name) && { description: comments.get(name) }),
      type: 'string',
      ...(FIXED.has(name) && { const: value }),
      ...(name === 'ce-time' && { format: 'date-time' }),
    },
  ];
  return {
    type: 'object',
    description: 'CloudEvents 1.0 attributes, in binary content mode.',
    properties: Object.fromEntries(example.map(property)),
    required: example.map(([name]) => name),
  };
}
