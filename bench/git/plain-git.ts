import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';

/**
 * Git as somebody without any configuration would run it: every run of the benchmark measures the same git.
 */
const ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Benchmark',
  GIT_AUTHOR_EMAIL: 'benchmark@localhost',
  GIT_AUTHOR_DATE: '1767225600 +0000',
  GIT_COMMITTER_NAME: 'Benchmark',
  GIT_COMMITTER_EMAIL: 'benchmark@localhost',
  GIT_COMMITTER_DATE: '1767225600 +0000',
  LC_ALL: 'C',
};

/** @throws Error with git's own words when it ends with another code than 0 */
export async function plainGit(cwd: string, args: readonly string[], input?: Buffer): Promise<Buffer> {
  const child = startPlainGit(cwd, args);
  child.stdin.end(input);
  const [stdout] = await Promise.all([buffer(child.stdout), child.finished]);
  return stdout;
}

/** For a caller that writes the input bit by bit. `finished` rejects when git fails. */
export function startPlainGit(cwd: string, args: readonly string[]) {
  const child = spawn('git', args, { cwd, env: ENVIRONMENT, stdio: 'pipe' });
  child.stdin.on('error', () => {}); // git closed its input: its exit code says why
  const said = buffer(child.stderr);
  const finished = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', async (code) => {
      if (code === 0) return resolve();
      reject(
        new Error(`git ${args.join(' ')} in ${cwd} ended with ${code}: ${(await said).toString().trim()}`),
      );
    });
  });
  return { stdin: child.stdin, stdout: child.stdout, finished };
}
