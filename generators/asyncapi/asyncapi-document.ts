import { ErrorReply, SCHEMA_VERSION } from '#contracts';
import { STREAMS } from '#messaging';
import { contractSchemas } from '../contracts/contract-schemas.js';
import { channels, type Channel } from './channels.js';
import { cloudEventHeadersSchema } from './cloud-event-headers-schema.js';

const SCHEMAS = '#/components/schemas/';

const parameters: Record<string, { description: string }> = {
  daemonId: { description: 'Id of a daemon; `_` in events of a task that no daemon holds.' },
  taskId: { description: 'UUID of the task.' },
  pool: { description: 'The pool whose daemons take the task.' },
  sha256: { description: 'Of the whole blob, 64 lower-case hex digits.' },
  index: { description: 'Of the chunk, from 0.' },
};

/** AsyncAPI 3 of everything that Patchpoint says over NATS. */
export function asyncApiDocument(): object {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Patchpoint',
      version: `${SCHEMA_VERSION}.0.0`,
      description:
        'What goes over NATS, seen from the services: they send what others may subscribe to. For other services, `event.*` and ' +
        '`output` are of interest (docs/subscribing.md); the rest is spoken between Patchpoint’s own parts. Generated from ' +
        'libs/contracts by `npm run docs`.',
    },
    defaultContentType: 'application/json',
    servers: {
      nats: {
        host: '127.0.0.1:4222',
        protocol: 'nats',
        description: 'NATS 2.9.10 or newer, with JetStream.',
      },
    },
    'x-streams': Object.fromEntries(Object.values(STREAMS).map((stream) => [stream.name, streamOf(stream)])),
    channels: Object.fromEntries(channels.flatMap((channel) => channelsOf(channel))),
    operations: Object.fromEntries(channels.map((channel) => [channel.name, operationOf(channel)])),
    components: {
      schemas: { CloudEventHeaders: cloudEventHeadersSchema(), ...contractSchemas(classNames(), SCHEMAS) },
    },
  };
}

function streamOf(stream: (typeof STREAMS)[keyof typeof STREAMS]): object {
  return {
    subjects: stream.subjects,
    retention: stream.retention,
    maxBytes: stream.max_bytes,
    ...(stream.max_age > 0 && { maxAgeSeconds: stream.max_age / 1_000_000_000 }),
  };
}

function classNames(): Set<string> {
  const classes = channels.flatMap(({ message, reply }) => [message, reply]);
  return new Set([ErrorReply, ...classes].flatMap((type) => (type ? [type.name] : [])));
}

function channelsOf(channel: Channel): [string, object][] {
  const { name, address, reply } = channel;
  const named = [...address.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter!);
  const stream = streamNameOf(address);
  const main = {
    address,
    ...(stream && { 'x-stream': stream }),
    parameters: Object.fromEntries(named.map((parameter) => [parameter, parameters[parameter]])),
    messages: { [messageNameOf(channel)]: messageOf(channel) },
  };
  if (!reply) return [[name, main]];
  const messages = { [reply.name]: payloadOf(reply), ErrorReply: payloadOf(ErrorReply) };
  return [
    [name, main],
    [`${name}.reply`, { address: null, messages }],
  ];
}

function streamNameOf(address: string): string | undefined {
  const holds = (subject: string): boolean => address.startsWith(subject.slice(0, -'>'.length));
  return Object.values(STREAMS).find((stream) => stream.subjects.some(holds))?.name;
}

function messageNameOf({ message }: Channel): string {
  return message?.name ?? 'BlobChunk';
}

function messageOf({ message, kind }: Channel): object {
  if (!message)
    return { contentType: 'application/octet-stream', payload: { type: 'string', format: 'binary' } };
  if (!kind) return payloadOf(message);
  return { headers: cloudEventHeadersOf(kind), ...payloadOf(message) };
}

function payloadOf(type: { name: string }): object {
  return { payload: { $ref: SCHEMAS + type.name } };
}

function cloudEventHeadersOf(kind: string): object {
  const type = { 'ce-type': { const: `patchpoint.v1.${kind}` } };
  return { type: 'object', allOf: [{ $ref: `${SCHEMAS}CloudEventHeaders` }], properties: type };
}

function operationOf(channel: Channel): object {
  const { name, action, reply } = channel;
  const own = `#/channels/${name}`;
  return {
    action,
    channel: { $ref: own },
    messages: [{ $ref: `${own}/messages/${messageNameOf(channel)}` }],
    ...(reply && {
      reply: {
        address: {
          location: '$message.header#/reply',
          description: 'The reply subject of the NATS message.',
        },
        channel: { $ref: `${own}.reply` },
        messages: [reply, ErrorReply].map((type) => ({ $ref: `${own}.reply/messages/${type.name}` })),
      },
    }),
  };
}
