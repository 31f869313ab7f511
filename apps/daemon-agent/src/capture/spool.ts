import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { moveDurably, removeFile, TEMPORARY_SUFFIX, writeDurably } from '../state/durable-file.js';
import { decodeSpoolEntry, encodeSpoolEntry, SpoolEntryDamaged, type SpoolEntry } from './spool-entry.js';

const SUFFIX = '.checkpoint';

/** What the spool knows of an entry without reading its patch again. */
export interface SpooledCheckpoint extends StoredDigests {
  eventId: string;
  taskId: string;
}

/** What of a checkpoint is stored, or is to be stored: none of it where a digest is undefined. */
export interface StoredDigests {
  patchSha256: string | undefined;
  bundleSha256: string | undefined;
}

export interface SpoolFolders {
  spool: string;
  rejected: string;
  quarantine: string;
}

/**
 * The agent's on-disk queue of unconfirmed checkpoints.
 *
 * An entry is whole on disk before {@link put} resolves and stays until it is confirmed or rejected by name. Entries keep
 * the order in which they were put, also over a restart: event ids are UUIDv7, and files are named by them.
 */
export class Spool {
  private readonly entries = new Map<string, SpooledCheckpoint>();

  private constructor(
    private readonly folders: SpoolFolders,
    private readonly onDamaged: (file: string, reason: string) => void,
  ) {}

  /**
   * Opens the spool and reads every entry once. Damaged files are moved to `quarantine` and reported; remains of
   * interrupted writes are removed.
   */
  static async open(
    folders: SpoolFolders,
    onDamaged: (file: string, reason: string) => void,
  ): Promise<Spool> {
    const spool = new Spool(folders, onDamaged);
    for (const file of (await readdir(folders.spool)).sort()) {
      if (file.endsWith(TEMPORARY_SUFFIX)) await removeFile(join(folders.spool, file));
      else if (file.endsWith(SUFFIX)) await spool.adopt(basename(file, SUFFIX));
    }
    return spool;
  }

  /** Keeps an entry; once it resolves, a crash of the agent or its host loses it only with the disk. */
  async put(entry: SpoolEntry): Promise<void> {
    await writeDurably(this.path(entry.event.eventId), encodeSpoolEntry(entry));
    this.remember(entry);
  }

  /** Unconfirmed checkpoints, oldest first. */
  pending(): SpooledCheckpoint[] {
    return [...this.entries.values()];
  }

  /** The entry, or undefined when it is not pending any more or was found damaged just now (and moved to quarantine). */
  async read(eventId: string): Promise<SpoolEntry | undefined> {
    if (!this.entries.has(eventId)) return undefined;
    try {
      return decodeSpoolEntry(await readFile(this.path(eventId)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' && !this.entries.has(eventId)) return undefined;
      if (!(error instanceof SpoolEntryDamaged)) throw error;
      await this.quarantine(eventId, error.message);
      return undefined;
    }
  }

  /**
   * Postgres has committed the checkpoint. Its copy is removed only when patch and bundle are those that were captured.
   *
   * @returns false when the entry is not pending, or holds another patch or bundle (it is kept and will be sent again)
   */
  async confirm(eventId: string, stored: StoredDigests): Promise<boolean> {
    const entry = this.entries.get(eventId);
    if (entry === undefined) return false;
    if (entry.patchSha256 !== stored.patchSha256 || entry.bundleSha256 !== stored.bundleSha256) return false;
    this.entries.delete(eventId);
    await removeFile(this.path(eventId));
    return true;
  }

  /** The checkpoint can never be stored: it is kept in `rejected` with the reason beside it. May run twice. */
  async reject(eventId: string, reason: { code: string; message: string }): Promise<void> {
    if (!this.entries.delete(eventId)) return;
    await writeDurably(
      join(this.folders.rejected, `${eventId}.reason.json`),
      JSON.stringify(reason, null, 2),
    );
    await moveDurably(this.path(eventId), join(this.folders.rejected, `${eventId}${SUFFIX}`));
  }

  private async adopt(eventId: string): Promise<void> {
    try {
      this.remember(decodeSpoolEntry(await readFile(this.path(eventId))));
    } catch (error) {
      if (!(error instanceof SpoolEntryDamaged)) throw error;
      await this.quarantine(eventId, error.message);
    }
  }

  private remember({ event }: SpoolEntry): void {
    this.entries.set(event.eventId, {
      eventId: event.eventId,
      taskId: event.taskId,
      patchSha256: event.patchSha256,
      bundleSha256: event.bundleSha256,
    });
  }

  private async quarantine(eventId: string, reason: string): Promise<void> {
    this.entries.delete(eventId);
    const target = join(this.folders.quarantine, `${eventId}${SUFFIX}`);
    await moveDurably(this.path(eventId), target);
    this.onDamaged(target, reason);
  }

  private path(eventId: string): string {
    return join(this.folders.spool, `${eventId}${SUFFIX}`);
  }
}
