import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '#runtime';

/** Folders of the root that hold documents, at any depth. */
const FOLDERS = ['docs', 'examples', 'k8s'];

/** Every Markdown document, as a path from the root. */
export const documents: readonly string[] = [
  ...markdownIn('.', false),
  ...FOLDERS.flatMap((folder) => markdownIn(folder, true)),
];

export function readDocument(document: string): string {
  return readFileSync(join(packageFolder(), document), 'utf8');
}

/** The commands of a document's `sh` blocks, one per line or continued line, without comments. */
export function commandsOf(document: string): string[] {
  const blocks = [...readDocument(document).matchAll(/```sh\n([^]*?)```/g)].map(([, block]) => block!);
  return blocks.flatMap((block) =>
    block
      .split(/\n(?! |})/)
      .map((line) => line.replace(/\s+# .*$/, '').trim())
      .filter(Boolean),
  );
}

function markdownIn(folder: string, recursive: boolean): string[] {
  return readdirSync(join(packageFolder(), folder), { recursive, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
    .map((name) => join(folder, name));
}
