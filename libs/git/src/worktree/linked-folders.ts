import { lookAt } from './lstat-path.js';
import { Unseen } from './unseen.js';

/** Finds which paths are behind a symbolic link; every folder is checked once. */
export class LinkedFolders {
  readonly #known = new Map<string, boolean>();

  constructor(private readonly worktreeDir: string) {}

  async isBehindLink(path: Buffer): Promise<boolean> {
    const slash = path.lastIndexOf('/');
    if (slash === -1) return false;
    const folder = path.subarray(0, slash);
    const key = folder.toString('latin1');
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const stat = await lookAt(this.worktreeDir, folder);
    const isLink = stat !== null && !(stat instanceof Unseen) && stat.isSymbolicLink();
    const isBehind = isLink || (await this.isBehindLink(folder));
    this.#known.set(key, isBehind);
    return isBehind;
  }
}
