import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { git, gitBytes } from './repositories.js';

/** An edit by a person or an agent in a worktree. */
export type Edit =
  | { kind: 'write'; path: string; content: Uint8Array; executable: boolean }
  | { kind: 'link'; path: string; target: string }
  | { kind: 'remove'; path: string }
  | { kind: 'rename'; from: string; to: string }
  | { kind: 'toggle-executable'; path: string }
  | { kind: 'ignore'; pattern: string }
  | { kind: 'git'; args: string[] }
  | { kind: 'capture' };

const component = fc.constantFrom(
  'a',
  'b',
  'A',
  'a.txt',
  'b.txt',
  'd',
  'with space',
  '-dash',
  ':(x)',
  '*',
  'tab\tq',
  'n\nl',
  'ü🦜',
  '"q"',
  'b\\s',
);
const path = fc.array(component, { minLength: 1, maxLength: 3 }).map((components) => components.join('/'));

const line = fc.constantFrom('one', 'two', '', '  ', '\t', '+plus', '-minus', '@@', '\\', '$Id$', '--- a/x');
const text: fc.Arbitrary<Uint8Array> = fc
  .tuple(fc.array(fc.tuple(line, fc.constantFrom('\n', '\n', '\r\n')), { maxLength: 12 }), fc.boolean())
  .map(([lines, isCut]) => {
    const whole = lines.map((parts) => parts.join('')).join('');
    return Buffer.from(isCut ? whole.trimEnd() : whole);
  });
const content: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 4, arbitrary: text },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  { weight: 1, arbitrary: fc.constant(Buffer.from('a long text\n'.repeat(5000))) },
);

const write = fc.record({ kind: fc.constant('write' as const), path, content, executable: fc.boolean() });
const link = fc.record({
  kind: fc.constant('link' as const),
  path,
  target: fc.constantFrom('a', 'd', '../a', '/etc/hostname', 'nowhere', '.'),
});

/** The files of a repository before the work begins, with the attributes they are checked out by. */
export const baseArbitrary: fc.Arbitrary<{ attributes: string; edits: Edit[] }> = fc.record({
  attributes: fc.constantFrom(
    '',
    '',
    '* text=auto\n',
    '* text=auto eol=crlf\n',
    '*.txt -text\n',
    '* ident\n',
  ),
  edits: fc.array(fc.oneof({ weight: 5, arbitrary: write }, { weight: 1, arbitrary: link }), {
    maxLength: 10,
  }),
});

export const editsArbitrary: fc.Arbitrary<Edit[]> = fc.array(
  fc.oneof(
    write,
    write,
    link,
    fc.record({ kind: fc.constant('remove' as const), path }),
    fc.record({ kind: fc.constant('rename' as const), from: path, to: path }),
    fc.record({ kind: fc.constant('toggle-executable' as const), path }),
    fc.record({
      kind: fc.constant('ignore' as const),
      pattern: fc.constantFrom('a', '*.txt', 'd/', '/b', '!b.txt'),
    }),
    fc.record({
      kind: fc.constant('git' as const),
      args: fc.oneof(
        fc.constantFrom<string[][]>(
          ['add', '-A'],
          ['commit', '-qam', 'work'],
          ['commit', '-q', '--allow-empty', '-m', 'nothing'],
          ['checkout', '-q', '--detach'],
          ['stash', '-q'],
          ['reset', '-q'],
          ['push', '-q', 'origin', 'HEAD:refs/heads/pushed'],
        ),
        path.map((name) => ['--literal-pathspecs', 'add', '-f', '--', name]),
        path.map((name) => ['--literal-pathspecs', 'add', '-N', '-f', '--', name]),
        path.map((name) => ['--literal-pathspecs', 'rm', '-q', '-r', '--cached', '--', name]),
        path.map((name) => ['update-index', '--assume-unchanged', '--', name]),
      ),
    }),
    fc.constant({ kind: 'capture' as const }),
  ),
  { minLength: 1, maxLength: 20 },
);

/**
 * Performs an edit; one that is impossible in the current state does nothing.
 *
 * @param mark written into every new file, so that no edit happens to recreate a base file under git's
 *   conversions, which would be no change
 */
export function applyEdit(dir: string, edit: Exclude<Edit, { kind: 'capture' }>, mark: string): void {
  try {
    switch (edit.kind) {
      case 'write':
        clearTheWay(dir, edit.path);
        writeFileSync(join(dir, edit.path), Buffer.concat([Buffer.from(mark), edit.content]));
        chmodSync(join(dir, edit.path), edit.executable ? 0o755 : 0o644);
        return;
      case 'link':
        clearTheWay(dir, edit.path);
        return symlinkSync(edit.target, join(dir, edit.path));
      case 'remove':
        return rmSync(join(dir, edit.path), { recursive: true });
      case 'rename':
        lstatSync(join(dir, edit.from));
        if (edit.to.startsWith(`${edit.from}/`) || edit.from.startsWith(`${edit.to}/`)) return;
        clearTheWay(dir, edit.to);
        return renameSync(join(dir, edit.from), join(dir, edit.to));
      case 'toggle-executable': {
        const stat = lstatSync(join(dir, edit.path));
        if (stat.isFile()) chmodSync(join(dir, edit.path), stat.mode & 0o100 ? 0o644 : 0o755);
        return;
      }
      case 'ignore':
        return writeFileSync(join(dir, '.gitignore'), `${edit.pattern}\n`, { flag: 'a' });
      case 'git':
        git(dir, ...edit.args);
    }
  } catch {
    // Nothing to remove, nothing to commit, no such path.
  }
}

/** Makes space for a path: links and files in it are replaced by folders, and what is there is removed. */
function clearTheWay(dir: string, path: string): void {
  const components = path.split('/');
  for (let depth = 1; depth < components.length; depth += 1) {
    const folder = join(dir, ...components.slice(0, depth));
    const stat = lstatSync(folder, { throwIfNoEntry: false });
    if (stat !== undefined && !stat.isDirectory()) rmSync(folder);
  }
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  rmSync(join(dir, path), { recursive: true, force: true });
}

/**
 * What a restore must produce: every file and link on disk that git does not skip as untracked and ignored.
 */
export function owedFiles(dir: string): Record<string, string> {
  const ignored = gitBytes(dir, 'ls-files', '--others', '--ignored', '--exclude-standard', '-z');
  const files = filesOnDisk(dir);
  for (const path of ignored.toString('utf8').split('\0')) delete files[path];
  return files;
}

/** Path → kind, mode and content of everything outside of `.git`. */
export function filesOnDisk(dir: string): Record<string, string> {
  const files: Record<string, string> = {};
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(dir, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (path === '.git') continue;
      if (entry.isDirectory()) visit(path);
      else files[path] = describeFile(join(dir, path));
    }
  };
  visit('');
  return files;
}

function describeFile(path: string): string {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return `link to ${readlinkSync(path)}`;
  const digest = createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
  return `${stat.mode & 0o100 ? 'executable' : 'file'} of ${stat.size} bytes, ${digest}`;
}
