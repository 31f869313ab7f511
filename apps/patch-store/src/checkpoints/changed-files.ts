import type { ChangedFile } from '#contracts';
import { lineBeginnings } from './line-beginnings.js';

/** The lines of a hunk that are still to come, by the counts in its header. */
interface HunkRest {
  old: number;
  new: number;
}

/**
 * Reads the files out of a diff that `git diff-tree -p --binary --no-renames` wrote, in its order, holding
 * none of it.
 *
 * Lines of a hunk are counted by the hunk's header, so that no line of a file is mistaken for a line of the
 * diff. A file that became a link, which git writes as one deleted and one added, is listed as modified.
 *
 * @param limit the most files to return
 */
export async function changedFiles(diff: AsyncIterable<Buffer>, limit: number): Promise<ChangedFile[]> {
  const files: ChangedFile[] = [];
  let current: ChangedFile | undefined;
  let rest: HunkRest = { old: 0, new: 0 };
  for await (const line of lineBeginnings(diff)) {
    if (current && (rest.old > 0 || rest.new > 0)) {
      countLine(line, current, rest);
      continue;
    }
    if (line.startsWith('diff --git ')) {
      current = begin(pathOf(line), files, limit);
    } else if (current && line.startsWith('@@ ')) {
      rest = hunkOf(line);
    } else if (current) {
      readHead(line, current);
    }
  }
  return files;
}

/** The file that the next lines belong to; undefined when there are enough. */
function begin(path: string, files: ChangedFile[], limit: number): ChangedFile | undefined {
  const last = files.at(-1);
  if (last?.path === path) return last;
  if (files.length === limit) return undefined;
  const file: ChangedFile = { path, status: 'modified', added: 0, removed: 0, binary: false };
  files.push(file);
  return file;
}

function readHead(line: string, file: ChangedFile): void {
  if (line.startsWith('new file mode ')) file.status = file.status === 'deleted' ? 'modified' : 'added';
  else if (line.startsWith('deleted file mode ')) file.status = 'deleted';
  else if (line === 'GIT binary patch') file.binary = true;
}

function hunkOf(line: string): HunkRest {
  const [, old = '1', fresh = '1'] = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(line) ?? [];
  return { old: Number(old), new: Number(fresh) };
}

function countLine(line: string, file: ChangedFile, rest: HunkRest): void {
  if (line[0] === '+') {
    file.added += 1;
    rest.new -= 1;
  } else if (line[0] === '-') {
    file.removed += 1;
    rest.old -= 1;
  } else if (line[0] !== '\\') {
    rest.old -= 1;
    rest.new -= 1;
  }
}

/**
 * Without renames both names are the same: `a/NAME b/NAME`, each in quotes if it contains what git quotes.
 */
function pathOf(line: string): string {
  const names = line.slice('diff --git '.length);
  if (!names.startsWith('"')) {
    return Buffer.from(names.slice('a/'.length, (names.length - 1) / 2), 'latin1').toString('utf8');
  }
  const quoted = /^"a\/((?:[^"\\]|\\.)*)"/.exec(names)?.[1] ?? '';
  const bytes = quoted.replace(/\\([0-7]{3}|.)/g, (_, escape: string) =>
    escape.length === 3 ? String.fromCharCode(parseInt(escape, 8)) : (ESCAPES[escape] ?? escape),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

const ESCAPES: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };
