import type { WatchMessage, WatchNews } from '#contracts';

/** Says what becomes of a watched worktree, to whoever wants to know. */
export type Notify = (news: WatchNews) => void;

/** Nobody wants to know: this daemon runs tasks, and operators read its log. */
export const notifyNobody: Notify = () => {};

/**
 * To the process that started this one, as long as it listens.
 *
 * @param unconfirmedCount asked with every message
 */
export function notifyParent(unconfirmedCount: () => number): Notify {
  return (news) => {
    if (!process.connected) return;
    const message: WatchMessage = { ...news, unconfirmedCount: unconfirmedCount() };
    process.send!(message, undefined, undefined, () => {}); // a parent that goes away now needs no news
  };
}
