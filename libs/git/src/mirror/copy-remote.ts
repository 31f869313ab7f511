import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readRemoteUrl } from '../remote/network-git-dir.js';
import { runGit } from '../run/run-git.js';

/** Of the files that git writes; the last word lets it search them without sorting. */
const PACKED_REFS_HEADER = '# pack-refs with: peeled fully-peeled sorted \n';

/** A ref a line; of one that points to another ref, that one; below a tag, what it stands for. */
const FORMAT =
  '%(if)%(symref)%(then)%(symref) %(refname)%(else)%(objectname) %(refname)%(if)%(*objectname)%(then)%0a^%(*objectname)%(end)%(end)';

/**
 * Gives a repository that was made a moment ago the `origin` of a mirror: the URL of the source, without
 * credentials, its branches as last fetched, and its tags.
 *
 * Refs are written as one file: 10,000 of them take 0.013 s. With `update-ref --stdin`, which makes a file
 * for each, they take 0.72 s.
 *
 * @throws GitError `BAD_URL`, `CREDENTIALS_IN_URL`
 */
export async function copyRemote(mirrorDir: string, gitDir: string, signal?: AbortSignal): Promise<void> {
  const [url, { stdout }] = await Promise.all([
    readRemoteUrl(mirrorDir, 'origin'),
    runGit({
      purpose: `listing the branches of ${mirrorDir}`,
      gitDir: mirrorDir,
      args: ['for-each-ref', `--format=${FORMAT}`, 'refs/remotes/origin/', 'refs/tags/'],
      signal,
    }),
  ]);
  const lines = stdout.toString('utf8').split('\n').filter(Boolean);
  const packed = lines.filter((line) => !line.startsWith('refs/'));
  await writeFile(
    join(gitDir, 'packed-refs'),
    PACKED_REFS_HEADER + packed.map((line) => `${line}\n`).join(''),
  );
  for (const line of lines.filter((each) => each.startsWith('refs/'))) {
    const [target, name] = line.split(' ') as [string, string];
    await mkdir(dirname(join(gitDir, name)), { recursive: true });
    await writeFile(join(gitDir, name), `ref: ${target}\n`);
  }
  await appendFile(join(gitDir, 'config'), remoteSection(url));
}

function remoteSection(url: string): string {
  const quoted = url.replaceAll(/["\\]/g, String.raw`\$&`);
  return `[remote "origin"]\n\turl = "${quoted}"\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n`;
}
