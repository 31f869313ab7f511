import { chmod, readdir, rm } from 'node:fs/promises';

/**
 * Deletes a folder with all that is in it, also where folders in it have modes with which not even their
 * owner can remove anything (0555, as they were captured): these are changed first. May run twice.
 */
export async function removeFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM' && code !== 'ENOTEMPTY') throw error;
    await openFolders(Buffer.from(folder));
    // Node's first attempt may still be at work on other folders than the one that it has failed at.
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Names are bytes. Links are not followed: their entries call themselves no folders. */
async function openFolders(folder: Buffer): Promise<void> {
  try {
    await chmod(folder, 0o700);
    const entries = await readdir(folder, { withFileTypes: true, encoding: 'buffer' });
    for (const entry of entries) {
      if (entry.isDirectory()) await openFolders(Buffer.concat([folder, SLASH, entry.name]));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

const SLASH = Buffer.from('/');
