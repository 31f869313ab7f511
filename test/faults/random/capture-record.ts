import { linkSync, mkdirSync, readdirSync, readFileSync, watch, type FSWatcher } from 'node:fs';
import { basename, join } from 'node:path';
import { decodeSpoolEntry } from '../../../apps/daemon-agent/src/spool/spool-entry.js';

const SUFFIX = '.checkpoint';

/** What a capture was when it lay in a spool. */
export interface Captured {
  readonly eventId: string;
  readonly taskId: string;
  /** False: it reports that a capture failed, and is not stored. */
  readonly success: boolean;
  readonly patchSha256: string | undefined;
  readonly bundleSha256: string | undefined;
}

/**
 * Our own record of what the daemons captured: a link to every file that appears in a spool, which stays when
 * the daemon removes its own. One that comes and goes between two looks may be missed; what is still there
 * never is.
 */
export class CaptureRecord {
  private readonly watchers: FSWatcher[] = [];
  private readonly lostWithDisk = new Set<string>();

  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }

  /** Follows a spool. Call it again when the folder was deleted and recreated. */
  follow(spool: string): void {
    mkdirSync(spool, { recursive: true, mode: 0o700 });
    this.watchers.push(watch(spool, (_event, file) => file?.endsWith(SUFFIX) && this.keep(spool, file)));
    this.look(spool);
  }

  /** Takes note of everything that is in a spool now. */
  look(spool: string): void {
    for (const file of entriesIn(spool)) this.keep(spool, file);
  }

  /** The disk with this spool is about to be lost: nothing that is there now can be asked for. */
  giveUp(spool: string): void {
    for (const file of entriesIn(spool)) this.lostWithDisk.add(basename(file, SUFFIX));
  }

  /** Every capture that must arrive. */
  expected(): Captured[] {
    return entriesIn(this.folder)
      .filter((file) => !this.lostWithDisk.has(basename(file, SUFFIX)))
      .map((file) => {
        const { event } = decodeSpoolEntry(readFileSync(join(this.folder, file)));
        const { eventId, taskId, success, patchSha256, bundleSha256 } = event;
        return { eventId, taskId, success, patchSha256, bundleSha256 };
      });
  }

  get lostWithDiskCount(): number {
    return this.lostWithDisk.size;
  }

  close(): void {
    for (const watcher of this.watchers) watcher.close();
  }

  private keep(spool: string, file: string): void {
    try {
      linkSync(join(spool, file), join(this.folder, file));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
    }
  }
}

function entriesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((file) => file.endsWith(SUFFIX));
  } catch {
    return []; // wiped just now
  }
}
