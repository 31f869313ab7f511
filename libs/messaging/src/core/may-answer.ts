import { inboxPrefix, subjectIdentity } from '#contracts';

/** Where nats-server takes the answers to requests of other accounts. It lets no client name one itself. */
const OTHER_ACCOUNT_PREFIX = '_R_.';

/**
 * Pure: whether the answer to a request goes to who asks. It is published with the rights of the one who
 * answers: `reply: $JS.API.STREAM.PURGE.COMMANDS` would empty a stream, and `reply: patchpoint.v1.event.…`
 * put words into another's mouth. Without a reply subject there is nothing to answer.
 *
 * @throws ContractError `IDENTITY_MISMATCH` for a subject that names no daemon
 */
export function mayAnswer({ subject, reply }: { subject: string; reply: string | undefined }): boolean {
  if (reply === undefined) return false;
  const { daemonId } = subjectIdentity(subject);
  return reply.startsWith(`${inboxPrefix(daemonId)}.`) || reply.startsWith(OTHER_ACCOUNT_PREFIX);
}
