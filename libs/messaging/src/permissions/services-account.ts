import { streamSubjects, subjects } from '#contracts';
import { CONSUMERS, consumerDeclarations, type ConsumerKey } from '../topology/consumers.js';
import { STREAMS } from '../topology/streams.js';

/** What a NATS user may publish and subscribe to. */
export interface Permissions {
  publish: string[];
  subscribe: string[];
  /** It answers requests of daemons. */
  allow_responses?: true;
}

/** What other accounts may import. */
export interface Exports {
  /** `answers`: how many messages answer one request. */
  services: { subject: string; answers: 'one' | 'many' }[];
  streams: string[];
}

/** Pure: what the account of the services offers to those of daemons. Each imports a part: its own. */
export function serviceExports(): Exports {
  const { name } = STREAMS.commands;
  const one = [
    subjects.checkpointCreated('*', '*'),
    subjects.blobChunks('*', '*'),
    subjects.taskReported('*', '*'),
    subjects.output('*', '*'),
    subjects.heartbeat('*', '*'),
    subjects.rpc('*', '*'),
    `$JS.API.CONSUMER.INFO.${name}.*`,
    `$JS.ACK.${name}.>`,
  ];
  return {
    services: [
      ...one.map((subject) => ({ subject, answers: 'one' as const })),
      { subject: `$JS.API.CONSUMER.MSG.NEXT.${name}.*`, answers: 'many' },
    ],
    streams: [subjects.event('*', '*', '*'), subjects.blobsMissing('*', '*')],
  };
}

/** Pure: what each service needs, and no more. patch-store sets up the streams. */
export function serviceUsers(): Record<'checkpoint-ingest' | 'patch-store' | 'janitor', Permissions> {
  const { blobs, commands, events, output } = STREAMS;
  return {
    'checkpoint-ingest': {
      publish: [
        ...ofEveryService,
        subjects.output('*', '*'),
        subjects.blobsMissing('*', '*'),
        ...ofConsumer(CONSUMERS.checkpointIngest),
        `$JS.API.DIRECT.GET.${blobs.name}.>`,
        `$JS.API.STREAM.PURGE.${blobs.name}`,
      ],
      subscribe: [INBOX],
    },
    'patch-store': {
      publish: [
        ...ofEveryService,
        // Dead letters that somebody has sent again.
        streamSubjects.checkpoints,
        streamSubjects.tasks,
        ...ofConsumer(CONSUMERS.taskReports),
        '$JS.API.STREAM.CREATE.*',
        '$JS.API.STREAM.UPDATE.*',
        ...['CREATE', 'INFO', 'DELETE'].map((request) => `$JS.API.CONSUMER.${request}.${commands.name}.>`),
        ...[events.name, output.name].flatMap(ofReader),
      ],
      subscribe: [
        INBOX,
        subjects.heartbeat('*', '*'),
        subjects.heartbeatWithoutPool('*'),
        subjects.rpc('*', '*'),
      ],
      allow_responses: true,
    },
    janitor: { publish: ofEveryService, subscribe: [INBOX] },
  };
}

/** Pure: a service of others that reads events and output, live and from their streams. */
export function readerPermissions(inbox: string): Permissions {
  return {
    publish: [`$JS.API.STREAM.INFO.${STREAMS.events.name}`, ...ofReader(STREAMS.events.name)],
    subscribe: [streamSubjects.events, streamSubjects.output, `${inbox}.>`],
  };
}

const INBOX = '_INBOX.>';

/** Each sends what is in the outbox: events, and orders to daemons. */
const ofEveryService = [streamSubjects.events, streamSubjects.commands, '$JS.API.STREAM.INFO.*'];

function ofConsumer(key: ConsumerKey): string[] {
  const { stream, durableName, filterSubject } = consumerDeclarations()[key]!;
  const api = (request: string) => `$JS.API.CONSUMER.${request}.${stream}.${durableName}`;
  return [
    `${api('CREATE')}.${filterSubject}`,
    ...['INFO', 'DELETE', 'MSG.NEXT'].map(api),
    `$JS.ACK.${stream}.${durableName}.>`,
  ];
}

/** Consumers of its own on a stream that keeps what was read. */
function ofReader(stream: string): string[] {
  return [
    `$JS.API.CONSUMER.CREATE.${stream}.>`,
    ...['INFO', 'DELETE', 'MSG.NEXT'].map((request) => `$JS.API.CONSUMER.${request}.${stream}.*`),
    `$JS.ACK.${stream}.>`,
  ];
}
