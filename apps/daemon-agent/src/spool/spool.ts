import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Logger } from '@nestjs/common';
import pLimit from 'p-limit';
import { DiskFullError } from '../state/disk-full-error.js';
import { moveDurably, removeFile, TEMPORARY_SUFFIX, writeDurably } from '../state/durable-file.js';
import { decodeSpoolEntry, encodeSpoolEntry, SpoolEntryDamaged, type SpoolEntry } from './spool-entry.js';
import { SpoolFullError } from './spool-full-error.js';
import { makeRoom, sizeOf, supersededEntries } from './spool-limit.js';
import { describeSpooled, type SpooledCheckpoint, type StoredDigests } from './spooled-checkpoint.js';

const SUFFIX = '.checkpoint';

export interface SpoolFolders {
  spool: string;
  rejected: string;
  quarantine: string;
}

/** An entry whose file does not contain what was written. It is kept, and never sent. */
export interface DamagedEntry {
  eventId: string;
  /** Where it is kept. */
  file: string;
  reason: string;
}

/**
 * The agent's on-disk queue of unconfirmed checkpoints.
 *
 * An entry is whole on disk before {@link put} resolves and stays until it is confirmed or rejected by name,
 * or until space is needed and a newer one replaces it (spool-limit.ts). Entries keep the order in which they
 * were put, even across restarts: event ids are UUIDv7, and files are named after them.
 */
export class Spool {
  private readonly logger = new Logger(Spool.name);
  private readonly entries = new Map<string, SpooledCheckpoint>();
  /** One at a time: each must know how much space the others used. */
  private readonly writing = pLimit(1);
  private refusal: Error | undefined;
  /** Damaged entries that were found before there was a listener. */
  private readonly damaged: DamagedEntry[] = [];
  private damagedListener: ((damaged: DamagedEntry) => void) | undefined;

  private constructor(
    private readonly folders: SpoolFolders,
    private readonly limitBytes: number,
  ) {}

  /**
   * Opens the spool and reads every entry once. Damaged files are moved to `quarantine` and kept for {@link
   * onDamaged}; remains of interrupted writes are removed.
   *
   * @param limitBytes of all entries together; exceeded by one entry while it replaces others
   */
  static async open(folders: SpoolFolders, limitBytes: number): Promise<Spool> {
    const spool = new Spool(folders, limitBytes);
    for (const file of (await readdir(folders.spool)).sort()) {
      if (file.endsWith(TEMPORARY_SUFFIX)) await removeFile(join(folders.spool, file));
      else if (file.endsWith(SUFFIX)) await spool.adopt(basename(file, SUFFIX));
    }
    return spool;
  }

  /** @param listener called for every damaged entry, first for those that were found before */
  onDamaged(listener: (damaged: DamagedEntry) => void): void {
    this.damagedListener = listener;
    this.damaged.splice(0).forEach(listener);
  }

  /**
   * Keeps an entry; once it resolves, it survives a crash of the agent or its host, unless the disk is lost.
   *
   * @returns older entries that were evicted for it
   * @throws SpoolFullError, DiskFullError when there is no space; entries that nothing replaces are kept
   */
  async put(entry: SpoolEntry): Promise<SpooledCheckpoint[]> {
    return this.writing(async () => {
      try {
        const evicted = await this.putWithinLimit(entry);
        this.refusal = undefined;
        return evicted;
      } catch (error) {
        this.refusal = error as Error;
        throw error;
      }
    });
  }

  /**
   * For readiness.
   *
   * @throws the error of the last {@link put}, if that found no space and nothing has left the spool since
   */
  async requireRoom(): Promise<void> {
    if (this.refusal) throw this.refusal;
  }

  /** Unconfirmed checkpoints, oldest first. */
  pending(): SpooledCheckpoint[] {
    return [...this.entries.values()];
  }

  /** The unconfirmed checkpoint of that id. */
  get(eventId: string): SpooledCheckpoint | undefined {
    return this.entries.get(eventId);
  }

  /** Bytes of all unconfirmed checkpoints. */
  sizeBytes(): number {
    return sizeOf(this.pending());
  }

  /**
   * The entry, or undefined when it is no longer pending or was just found damaged (and moved to quarantine).
   */
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
   * Postgres has committed the checkpoint. Its copy is removed only when patch and bundle are those that were
   * captured.
   *
   * @returns false when the entry is not pending, or has a different patch or bundle (it is kept and will be
   *   sent again)
   */
  async confirm(eventId: string, stored: StoredDigests): Promise<boolean> {
    const entry = this.entries.get(eventId);
    if (entry === undefined) return false;
    if (!isSame(entry, stored)) return false;
    await this.evict(eventId);
    return true;
  }

  /** It must never be sent: its copy is removed. May run twice. */
  async discard(eventId: string): Promise<void> {
    if (this.entries.has(eventId)) await this.evict(eventId);
  }

  /**
   * Puts all that is pending of a task under another attempt, numbered from 1 in the order in which it was
   * captured. Only for what was never sent. Interrupted and done again, it ends as if done once.
   *
   * @returns the number of the last one
   */
  async moveToAttempt(taskId: string, attempt: number): Promise<number> {
    let sequence = 0;
    for (const { eventId, ...entry } of this.pending().filter((each) => each.taskId === taskId)) {
      sequence += 1;
      if (entry.attempt === attempt && entry.sequence === sequence) continue;
      const spooled = await this.read(eventId);
      if (spooled === undefined) continue; // damaged, and kept in quarantine
      const event = { ...spooled.event, attempt, sequence };
      const bytes = encodeSpoolEntry({ ...spooled, event });
      await this.writing(() => writeDurably(this.path(eventId), bytes));
      this.entries.set(eventId, describeSpooled(event, bytes.length));
    }
    return sequence;
  }

  /**
   * The checkpoint can never be stored: it is kept in `rejected` with the reason beside it. May run twice.
   */
  async reject(eventId: string, reason: { code: string; message: string }): Promise<void> {
    if (!this.forget(eventId)) return;
    await writeDurably(
      join(this.folders.rejected, `${eventId}.reason.json`),
      JSON.stringify(reason, null, 2),
    );
    await moveDurably(this.path(eventId), join(this.folders.rejected, `${eventId}${SUFFIX}`));
  }

  private async putWithinLimit(entry: SpoolEntry): Promise<SpooledCheckpoint[]> {
    const bytes = encodeSpoolEntry(entry);
    const incoming = describeSpooled(entry.event, bytes.length);
    const room = makeRoom(this.pending(), incoming, this.limitBytes);
    if (!room.fits) throw new SpoolFullError(this.limitBytes, room.missingBytes);
    const evicted = await this.write(incoming.eventId, bytes);
    this.entries.set(incoming.eventId, incoming);
    for (const { eventId } of room.superseded) await this.evict(eventId);
    return [...evicted, ...room.superseded.filter((each) => !evicted.includes(each))];
  }

  /** On a full disk, tries once more without the entries that newer ones on the disk replace. */
  private async write(eventId: string, bytes: Buffer): Promise<SpooledCheckpoint[]> {
    try {
      await writeDurably(this.path(eventId), bytes);
      return [];
    } catch (error) {
      const superseded = supersededEntries(this.pending());
      if (!(error instanceof DiskFullError) || superseded.length === 0) throw error;
      for (const each of superseded) await this.evict(each.eventId);
      await writeDurably(this.path(eventId), bytes);
      return superseded;
    }
  }

  private async adopt(eventId: string): Promise<void> {
    try {
      const bytes = await readFile(this.path(eventId));
      this.entries.set(eventId, describeSpooled(decodeSpoolEntry(bytes).event, bytes.length));
    } catch (error) {
      if (!(error instanceof SpoolEntryDamaged)) throw error;
      await this.quarantine(eventId, error.message);
    }
  }

  private async evict(eventId: string): Promise<void> {
    this.forget(eventId);
    await removeFile(this.path(eventId));
  }

  private forget(eventId: string): boolean {
    this.refusal = undefined;
    return this.entries.delete(eventId);
  }

  private async quarantine(eventId: string, reason: string): Promise<void> {
    const file = join(this.folders.quarantine, `${eventId}${SUFFIX}`);
    await moveDurably(this.path(eventId), file);
    this.forget(eventId);
    const damaged = { eventId, file, reason };
    // Logged here: a daemon that fails while it opens does not get as far as a listener.
    this.logger.error({ msg: 'a spooled checkpoint is damaged; it is kept in quarantine/', ...damaged });
    if (this.damagedListener === undefined) this.damaged.push(damaged);
    else this.damagedListener(damaged);
  }

  private path(eventId: string): string {
    return join(this.folders.spool, `${eventId}${SUFFIX}`);
  }
}

/** A checkpoint-ingest of an older version says nothing of conversations. */
function isSame(one: StoredDigests, stored: StoredDigests): boolean {
  return (
    one.patchSha256 === stored.patchSha256 &&
    one.bundleSha256 === stored.bundleSha256 &&
    (one.conversationSha256 === stored.conversationSha256 || stored.conversationSha256 === undefined)
  );
}
