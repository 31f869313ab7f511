import type { WatchMessage, WatchNews } from '#contracts';

/** Says what becomes of a watched worktree, to whoever wants to know. */
export type Tell = (news: WatchNews) => void;

/** Nobody wants to know: this daemon runs tasks, and operators read its log. */
export const tellNobody: Tell = () => {};

/**
 * To the process that started this one, as long as it listens.
 *
 * @param unconfirmedCount asked with every message
 */
export function tellParent(unconfirmedCount: () => number): Tell {
  return (news) => {
    if (!process.connected) return;
    const message: WatchMessage = { ...news, unconfirmedCount: unconfirmedCount() };
    process.send!(message, undefined, undefined, () => {}); // a parent that goes away now needs no news
  };
}
