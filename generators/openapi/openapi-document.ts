// oxlint-disable-next-line import/no-unassigned-import -- loads the classes, whose decorators tell their validation
import '#contracts';
import type { Problem } from '#contracts';
import { contractSchemas, type JsonSchema } from '../contracts/contract-schemas.js';
import { readComments } from '../contracts/read-comments.js';
import { readRoutes, type Route } from './read-routes.js';

const SCHEMAS = '#/components/schemas/';

/** Answers that are no JSON, by operation. */
const OTHER_ANSWERS: Record<string, Record<string, object>> = {
  'PatchContent.content': Object.fromEntries(
    ['application/gzip', 'text/x-diff', 'application/x-git-bundle'].map((type) => [
      type,
      { schema: { type: 'string', format: 'binary' } },
    ]),
  ),
  'Conversation.content': {
    'application/jsonl': { schema: { type: 'string' } },
    'text/markdown': { schema: { type: 'string' } },
  },
  'Events.follow': { 'text/event-stream': { schema: { type: 'string' } } },
  'TaskOutput.follow': { 'text/event-stream': { schema: { type: 'string' } } },
};

/**
 * Bodies that can be sent as they stand, where one made from the schema would be refused: `/docs` offers them
 * to be tried.
 */
const EXAMPLES: Record<string, object> = {
  'Tasks.create': {
    name: 'try it',
    plan: 'echo hello > hello.txt',
    runner: 'shell',
    repoUrl: 'new://try-it',
  },
  'Tasks.resume': { force: false },
};

/** What can be read in parts, and again only when it changed. */
const RANGED = 'PatchContent.content';

/** OpenAPI 3.1 of patch-store's API. */
export function openApiDocument(): object {
  const routes = readRoutes();
  const classes = routes.flatMap(({ bodyClass, answerClass }) => [bodyClass, answerClass]);
  const queries = contractSchemas(new Set(defined(routes.map((route) => route.queryClass))), SCHEMAS);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Patchpoint',
      version: '1.0.0',
      description:
        'Tasks, their checkpoints and patches. Made from the code of patch-store by `npm run docs`.',
    },
    servers: [{ url: '/' }],
    paths: pathsOf(routes, queries),
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description:
            'When PATCHPOINT_API_TOKEN is set: that one, or one of `POST /v1/tokens` with each scope that an operation names.',
        },
      },
      parameters: { IdempotencyKey: idempotencyKey },
      responses: { Problem: problemAnswer },
      schemas: withDefaultsOptional(contractSchemas(new Set(defined(classes)), SCHEMAS)),
    },
  };
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'Makes it safe to send the request again: for 24 hours the same key gets the first answer again, with `Idempotency-Replayed: true`. ' +
    '422: the key was used for another request. 409: the first request is still at work.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

const problemAnswer = {
  description: 'Refused, or failed (RFC 9457).',
  content: {
    'application/problem+json': {
      schema: {
        type: 'object',
        properties: {
          type: { type: 'string' },
          title: { type: 'string' },
          status: { type: 'integer' },
          detail: { type: 'string', description: 'What is wrong and what to do, in a sentence.' },
          code: { type: 'string', description: 'The reason, for programs. Absent: `status` is the reason.' },
          path: { type: 'string', description: 'The field at fault.' },
        } satisfies Record<keyof Problem, object>,
        required: ['type', 'title', 'status', 'detail'],
      },
    },
  },
};

/** A field with an initial value is there when the server has read the body: its sender may leave it out. */
function withDefaultsOptional(schemas: Record<string, JsonSchema>): Record<string, JsonSchema> {
  const comments = readComments();
  const required = (name: string, { required = [] }: JsonSchema) =>
    required.filter((property) => !comments.get(name)?.optional.has(property));
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, { ...schema, required: required(name, schema) }]),
  );
}

function pathsOf(routes: readonly Route[], queries: Record<string, JsonSchema>): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route, queries) };
  }
  return paths;
}

function operationOf(route: Route, queries: Record<string, JsonSchema>): object {
  const { operationId, comment, bodyClass, status } = route;
  const done = { description: 'Done.', ...contentOf(route) };
  return {
    operationId,
    tags: [operationId.split('.')[0]],
    ...(comment && { description: comment }),
    security: [{ token: route.scopes }, {}],
    parameters: parametersOf(route, queries),
    ...(bodyClass && { requestBody: { content: jsonOf(bodyClass, EXAMPLES[operationId]) } }),
    responses: {
      [status]: done,
      ...(route.mayExistAlready && { 200: { ...done, description: 'It was there already.' } }),
      ...(operationId === RANGED && {
        206: { ...done, description: 'The range that was asked for.' },
        304: { description: 'The client has it already.' },
        416: { $ref: '#/components/responses/Problem' },
      }),
      401: { $ref: '#/components/responses/Problem' },
      403: { $ref: '#/components/responses/Problem' },
      ...(route.pathParameters.length > 0 && { 404: { $ref: '#/components/responses/Problem' } }),
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

function parametersOf(route: Route, queries: Record<string, JsonSchema>): object[] {
  const query = route.queryClass === undefined ? undefined : queries[route.queryClass];
  return [
    ...route.pathParameters.map(({ name, isOrdinal }) => ({
      name,
      in: 'path',
      required: true,
      schema: isOrdinal ? { type: 'integer', minimum: 1 } : { type: 'string', format: 'uuid' },
    })),
    // A query that has a default is required by its class, and by nobody else.
    ...Object.entries(query?.properties ?? {}).map(queryParameter),
    ...[...route.headers, ...(route.operationId === RANGED ? ['Range', 'If-None-Match'] : [])].map(
      (name) => ({ name, in: 'header', schema: { type: 'string' } }),
    ),
    ...(route.method === 'post' && !route.isNeverKept
      ? [{ $ref: '#/components/parameters/IdempotencyKey' }]
      : []),
  ];
}

function queryParameter([name, schema]: [string, JsonSchema]): object {
  const { description, ...rest } = schema;
  return { name, in: 'query', ...(description !== undefined && { description }), schema: rest };
}

function contentOf({ operationId, answerClass }: Route): object {
  const other = OTHER_ANSWERS[operationId];
  if (other) return { content: other };
  return answerClass ? { content: jsonOf(answerClass) } : {};
}

function jsonOf(className: string, example?: object): object {
  const schema = { $ref: SCHEMAS + className };
  return { 'application/json': { schema, ...(example && { example }) } };
}

function defined<T>(values: readonly (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined);
}
