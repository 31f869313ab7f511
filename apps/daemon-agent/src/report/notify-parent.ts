import type { WatchMessage, WatchNews } from '#contracts';

/** Passes on what happens to a watched worktree. */
export type Notify = (news: WatchNews) => void;

/** No listener: this daemon runs tasks, and operators read its log. */
export const notifyNobody: Notify = () => {};

/**
 * Notifies the process that started this one, as long as it listens.
 *
 * @param unconfirmedCount called for every message
 */
export function notifyParent(unconfirmedCount: () => number): Notify {
  return (news) => {
    if (!process.connected) return;
    const message: WatchMessage = { ...news, unconfirmedCount: unconfirmedCount() };
    process.send!(message, undefined, undefined, () => {}); // a parent that exits now needs no news
  };
}
