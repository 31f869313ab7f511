import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packageFolder } from '#runtime';
import { documents, readDocument } from './testing/documents.js';

const root = packageFolder();
const SOURCE_FOLDERS = ['apps', 'bench', 'docs', 'examples', 'generators', 'libs', 'migrations'];
const FOLDERS = [...SOURCE_FOLDERS, 'scripts', 'test'];

const allFiles = new Set(
  [...readdirSync(root), ...FOLDERS.flatMap((folder) => filesBelow(folder))].map((path) => basename(path)),
);

/** Written by the code, whose words are those of the command line and of the benchmarks. */
const GENERATED = new Set(['docs/cli.md', 'docs/benchmarks/git.md']);

describe.each(documents)('%s', (document) => {
  const text = readDocument(document);

  it('names only files and folders that exist', () => {
    const named = [...text.matchAll(new RegExp(`\`((?:${FOLDERS.join('|')})/[\\w./-]+)\``, 'g'))];
    expect(named.map(([, path]) => path!).filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('names no file by its name alone that is not there', () => {
    const named = [...text.matchAll(/`([\w.-]+\.(?:ts|mjs|js|sql|md))`/g)].map(([, name]) => name!);
    expect(named.filter((name) => !allFiles.has(name))).toEqual([]);
  });

  it('links only to files and headings that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link]) => link!);
    expect(links.filter((link) => !isThere(document, link))).toEqual([]);
  });

  it('uses plain words', () => {
    const accent = GENERATED.has(document)
      ? []
      : (text.match(/\banew\b|\bby (?:itself|themselves)\b|\bperhaps\b|\bsays so\b|\b(?:is|are) away\b/g) ??
        []);
    expect(accent).toEqual([]);
  });
});

describe('the paths through the code in ARCHITECTURE.md', () => {
  const section = /## Find it in a minute\n([^]*?)\n## /.exec(readDocument('ARCHITECTURE.md'))![1]!;
  const paths = [...section.matchAll(/^\*\*([^:*]+):\*\*([^]*?)\n\n/gm)].map(([, question, path]) => ({
    question: question!,
    files: [...path!.matchAll(/`([\w-]+\/[\w./-]+\.ts)`/g)].map(([, file]) => file!),
  }));

  it('answer five questions', () => {
    expect(paths.map(({ question }) => question)).toHaveLength(5);
    for (const { files } of paths) expect(files.length).toBeGreaterThanOrEqual(3);
  });

  it.each(paths.flatMap(({ files }) => files.slice(1).map((next, index) => [files[index]!, next] as const)))(
    'lead from %s to %s, which it uses',
    (file, next) => {
      const exported = [
        ...source(next).matchAll(/^export (?:async )?(?:function|class|const|type|interface) (\w+)/gm),
      ].map(([, name]) => name!);
      expect(exported.filter((name) => new RegExp(`\\b${name}\\b`).test(source(file)))).not.toEqual([]);
    },
  );
});

/** A link's file exists, and so does the heading that it names. */
function isThere(document: string, link: string): boolean {
  const [path, heading] = link.split('#') as [string, string | undefined];
  const target = path === '' ? document : join(dirname(document), path);
  if (!existsSync(join(root, target))) return false;
  if (heading === undefined) return true;
  const headings = [...readDocument(target).matchAll(/^#+ (.*)$/gm)].map(([, title]) => anchorOf(title!));
  return headings.includes(heading);
}

/** As GitHub makes it. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

function source(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
}
