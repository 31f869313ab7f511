import { lstatPath } from './lstat-path.js';

/** Tells which paths lie behind a symbolic link; every folder is looked at once. */
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
    const stat = await lstatPath(this.worktreeDir, folder);
    const isBehind = (stat?.isSymbolicLink() ?? false) || (await this.isBehindLink(folder));
    this.#known.set(key, isBehind);
    return isBehind;
  }
}
