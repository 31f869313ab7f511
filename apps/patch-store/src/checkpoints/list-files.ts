import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Injectable } from '@nestjs/common';
import { ContractError, type ChangedFile } from '#contracts';
import { ReadPatch } from '../patches/read-patch.js';
import { changedFiles } from './changed-files.js';

/** A diff that is larger when unpacked is not read for a list of names: this size takes about 0.3 s. */
const MAX_DIFF_BYTES = 64 * 1024 * 1024;

/** The most files that one answer names. */
export const MAX_FILES = 10_000;

/** Lists the files of a checkpoint from its stored diff. */
@Injectable()
export class ListFiles {
  constructor(private readonly read: ReadPatch) {}

  /** @returns null when the diff was deleted, or is too large to be read for this */
  async ofPatch(patchId: string): Promise<ChangedFile[] | null> {
    try {
      const patch = await this.read.find(patchId);
      if (patch.format !== 'git-diff' || patch.uncompressedSizeBytes > MAX_DIFF_BYTES) return null;
      let files: ChangedFile[] = [];
      await pipeline(this.read.slices(patch), createGunzip(), async (diff) => {
        files = await changedFiles(diff, MAX_FILES);
      });
      return files;
    } catch (error) {
      if (error instanceof ContractError) return null;
      throw error;
    }
  }
}
