import type { WatchOrder } from '#contracts';

/** Calls `endWatch` when the process that started this one orders it; other messages are not for us. */
export function hearParent({ endWatch }: { endWatch: () => void }): void {
  process.on('message', (message: Partial<WatchOrder> | null) => {
    if (message?.type === 'end-watch') endWatch();
  });
}
