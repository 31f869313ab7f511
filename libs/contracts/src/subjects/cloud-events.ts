import { NO_DAEMON, streamSubjects } from './subjects.js';

/** The attributes of {@link cloudEventHeaders}, by header name. */
export interface CloudEventHeaders {
  'ce-specversion': '1.0';
  /** The event's `eventId`. */
  'ce-id': string;
  /** `patchpoint.v1.` and the kind, which is the last token of the subject. */
  'ce-type': string;
  /** `/patchpoint/daemons/{daemonId}`, or `/patchpoint` while no daemon holds the task. */
  'ce-source': string;
  /** The task's id. */
  'ce-subject': string;
  /** When the event was recorded, by the database's clock. */
  'ce-time': string;
  'ce-datacontenttype': 'application/json';
}

const EVENT_PREFIX = streamSubjects.events.slice(0, -'>'.length);

/**
 * The attributes that CloudEvents 1.0 requires of an event, as NATS headers: the binary content mode of its
 * NATS binding (1.0.3-wip, the first with headers). Part of the public contract.
 *
 * @returns undefined for a subject that is not an event's
 */
export function cloudEventHeaders(
  subject: string,
  event: { readonly id: string; readonly recordedAt: Date },
): CloudEventHeaders | undefined {
  if (!subject.startsWith(EVENT_PREFIX)) return undefined;
  const [daemonId, taskId = '', kind] = subject.slice(EVENT_PREFIX.length).split('.');
  return {
    'ce-specversion': '1.0',
    'ce-id': event.id,
    'ce-type': `patchpoint.v1.${kind}`,
    'ce-source': daemonId === NO_DAEMON ? '/patchpoint' : `/patchpoint/daemons/${daemonId}`,
    'ce-subject': percentEncoded(taskId),
    'ce-time': event.recordedAt.toISOString(),
    'ce-datacontenttype': 'application/json',
  };
}

/** As the binding requires. The task of a rejected checkpoint is whatever token its sender wrote. */
function percentEncoded(value: string): string {
  return value.replaceAll(/[^\u0021-\u007e]+|["%]/gu, (text) => encodeURIComponent(text));
}
