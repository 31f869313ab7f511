import { once } from 'node:events';
import { madeUpFiles } from './made-up-files.js';
import { plainGit, startPlainGit } from './plain-git.js';

/**
 * Makes a bare repository of made-up files, in one commit on `main`. `git fast-import` writes 30,000 of them
 * in about 4 s.
 */
export async function importRepository(gitDir: string, filesCount: number): Promise<void> {
  await plainGit('/', ['init', '--quiet', '--bare', '--initial-branch=main', '--template=', gitDir]);
  const { stdin, stdout, finished } = startPlainGit(gitDir, ['fast-import', '--quiet', '--done']);
  stdout.resume();
  const write = async (text: string | Buffer): Promise<void> => {
    if (!stdin.write(text)) await Promise.race([once(stdin, 'drain'), finished]);
  };
  await write('commit refs/heads/main\ncommitter Benchmark <benchmark@localhost> 1767225600 +0000\n');
  await write('data 6\nStart\n\n');
  for (const { path, content, isExecutable } of madeUpFiles(filesCount)) {
    await write(`M ${isExecutable ? '100755' : '100644'} inline ${path}\ndata ${content.length}\n`);
    await write(content);
    await write('\n');
  }
  stdin.end('\ndone\n');
  await finished;
}
