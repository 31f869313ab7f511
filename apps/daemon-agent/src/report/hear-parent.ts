import type { WatchOrder } from '#contracts';

/** What the process that started this one orders; its other messages are not for us. */
export function hearParent(obey: (order: WatchOrder) => void): void {
  process.on('message', (message: Partial<WatchOrder> | null) => {
    if (typeof message?.type === 'string') obey(message as WatchOrder);
  });
}
