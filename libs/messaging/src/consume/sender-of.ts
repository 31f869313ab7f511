import { NAME_TOKEN, NO_DAEMON, subjectIdentity } from '#contracts';

/**
 * Pure: the daemon that sent a message, by its subject, on which permissions are given. `_` for a subject
 * that names none that could exist: all of these are one sender.
 */
export function senderOf(subject: string): string {
  try {
    const { daemonId } = subjectIdentity(subject);
    return NAME_TOKEN.test(daemonId) ? daemonId : NO_DAEMON;
  } catch {
    return NO_DAEMON;
  }
}
