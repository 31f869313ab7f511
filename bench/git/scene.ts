import { rmSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createWorktree, ensureMirror } from '#git';
import { importRepository } from './import-repository.js';
import { plainGit } from './plain-git.js';

interface SceneSource {
  repository: string | undefined;
  /** Of the repository that is made when there is no other. */
  filesCount: number;
}

/** What a daemon has on its disk: the mirror of a remote, and worktrees of it. */
export interface Stage {
  folder: string;
  mirrorDir: string;
  baseBranch: string;
  baseSha: string;
  filesCount: number;
  /** Makes another worktree at the base, the way the agent does. */
  addWorktree: (name: string) => Promise<string>;
}

export interface Scene extends Stage {
  /** Deletes everything, as an interrupt does. May run twice. */
  remove: () => Promise<void>;
}

/** A scene below the system's folder for temporary files, with about 8 kB of disk for a file and worktree. */
export async function makeScene(source: SceneSource): Promise<Scene> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'patchpoint-bench-')));
  const removeNow = () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(130);
  };
  process.once('SIGINT', removeNow).once('SIGTERM', removeNow);
  const remove = async () => {
    process.off('SIGINT', removeNow).off('SIGTERM', removeNow);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { ...(await fillScene(folder, source)), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Makes the remote, a bare repository, out of the source, and a mirror of it. */
export async function fillScene(folder: string, source: SceneSource): Promise<Stage> {
  const remoteDir = join(folder, 'remote.git');
  if (source.repository === undefined) await importRepository(remoteDir, source.filesCount);
  else await plainGit('/', ['clone', '--quiet', '--bare', resolve(source.repository), remoteDir]);
  return mirrorOf(folder, remoteDir);
}

async function mirrorOf(folder: string, remoteDir: string): Promise<Stage> {
  const { mirrorDir, defaultBranch } = await ensureMirror({
    mirrorsDir: join(folder, 'mirrors'),
    sourceUrl: `file://${remoteDir}`,
    allowFileProtocol: true,
  });
  if (defaultBranch === null)
    throw new Error('The repository has no commit on the branch that its HEAD names.');
  const startPoint = `origin/${defaultBranch}`;
  const baseSha = (await plainGit(mirrorDir, ['rev-parse', startPoint])).toString().trim();
  const listing = await plainGit(mirrorDir, ['ls-tree', '-r', '-z', '--name-only', baseSha]);
  return {
    folder,
    mirrorDir,
    baseBranch: defaultBranch,
    baseSha,
    filesCount: listing.filter((byte) => byte === 0).length,
    addWorktree: async (name) => {
      const taskDir = join(folder, 'worktrees', name);
      const place = { taskDir, worktreeDir: join(taskDir, name) };
      const { worktreeDir } = await createWorktree({
        mirrorDir,
        ...place,
        branchName: `task/${name}`,
        startPoint,
      });
      return worktreeDir;
    },
  };
}
