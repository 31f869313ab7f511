import { subjects } from '#contracts';
import { daemonConsumers, type ConsumerDeclaration, type DaemonIdentity } from '../topology/consumers.js';

/** What one account takes over from another: requests that it may make there, and what it hears of it. */
export interface Imports {
  /** `to`: under another name. */
  services: { subject: string; to?: string }[];
  streams: string[];
}

/**
 * Pure: all that the account of a daemon imports from the services'. It has no other way to them, whatever it
 * names as a reply or deliver subject: those are subjects of its own account.
 *
 * @param domain below which it finds JetStream (`PATCHPOINT_JETSTREAM_DOMAIN`); its own account has none
 */
export function daemonImports(daemon: DaemonIdentity, domain: string): Imports {
  const { daemonId, pool } = daemon;
  const published = [
    subjects.checkpointCreated(daemonId, '*'),
    subjects.blobChunks(daemonId, '*'),
    subjects.taskReported(daemonId, '*'),
    subjects.output(daemonId, '*'),
    subjects.heartbeat(pool, daemonId),
    subjects.rpc(daemonId, '*'),
  ];
  const consumers = Object.values(daemonConsumers(daemon));
  return {
    services: [
      ...published.map((subject) => ({ subject })),
      ...consumers.flatMap((consumer) => pullSubjects(consumer, domain)),
    ],
    streams: [subjects.event(daemonId, '*', '*'), subjects.blobsMissing(daemonId, '*')],
  };
}

/** To look at a consumer, to pull and to settle: not to make one, whose messages could go anywhere. */
function pullSubjects({ stream, durableName }: ConsumerDeclaration, domain: string): Imports['services'] {
  const api = (request: string) => ({
    subject: `$JS.API.CONSUMER.${request}.${stream}.${durableName}`,
    to: `$JS.${domain}.API.CONSUMER.${request}.${stream}.${durableName}`,
  });
  return [api('INFO'), api('MSG.NEXT'), { subject: `$JS.ACK.${stream}.${durableName}.>` }];
}
