import { join } from 'node:path';
import { askCredentialHelper, ensureMirror, GitError, isEmptyTree, parseSource } from '#git';
import { stateFolder } from '../../settings/xdg.js';

/**
 * The mirror of a task's source on this machine, with the commit that a patch applies to; null for a task
 * that started from nothing. It is kept for the next restore; folders that were restored do not need it.
 * Paths and `file://` are allowed, since git reads them with the rights of the person who asks.
 *
 * @throws GitError `BAD_URL`, `GIT_AUTH_FAILED`, `SOURCE_UNREACHABLE`, `BASE_MISSING`
 */
export async function openSource(repoUrl: string, baseSha: string): Promise<string | null> {
  const source = parseSource(repoUrl);
  if (source.kind === 'new') return null;
  const request = {
    mirrorsDir: join(stateFolder(), 'mirrors'),
    sourceUrl: source.url,
    allowFileProtocol: true,
    ...(!isEmptyTree(baseSha) && { fetchIfMissing: baseSha }),
  };
  try {
    return (await ensureMirror(request)).mirrorDir;
  } catch (error) {
    if (!(error instanceof GitError) || error.code !== 'GIT_AUTH_FAILED') throw error;
    const credentials = await askCredentialHelper(source.url);
    if (credentials === undefined) throw error;
    return (await ensureMirror({ ...request, credentials })).mirrorDir;
  }
}
