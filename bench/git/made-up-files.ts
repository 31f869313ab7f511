import { randomNumbers } from './random.js';

export interface MadeUpFile {
  path: string;
  content: Buffer;
  isExecutable: boolean;
}

const FILES_PER_FOLDER = 11;
const LARGEST_BYTES = 256 * 1024;
const TOPS = ['src', 'packages', 'services', 'test', 'docs', 'tools'];
const FOLDERS = ['core', 'api', 'model', 'view', 'storage', 'worker', 'util'];
const WORDS =
  'const return async await function export import from type string number value item result error request response index count size path name of for if else while new class extends'.split(
    ' ',
  );

/**
 * The files of a source tree that nobody wrote: always the same ones for the same count. Sizes are spread as
 * in real trees (log-normal: half below 3 kB, a mean of 5 kB, a few of 100 kB and more), 11 files to a
 * folder, folders 2 to 6 deep.
 */
export function* madeUpFiles(count: number): Generator<MadeUpFile> {
  const random = randomNumbers(20_260_101);
  const corpus = madeUpText(4 * 1024 * 1024, random);
  yield {
    path: '.gitignore',
    content: Buffer.from('node_modules/\ndist/\n*.log\n.env\n'),
    isExecutable: false,
  };
  for (let number = 1; number < count; number += 1) {
    const sizeBytes = Math.min(LARGEST_BYTES, Math.round(3000 * Math.exp(standardNormal(random))));
    const start = Math.floor(random() * (corpus.length - sizeBytes));
    const firstLine = Buffer.from(`// file ${number}\n`);
    yield {
      path: pathOf(number),
      content: Buffer.concat([firstLine, corpus.subarray(start, start + sizeBytes), Buffer.from('\n')]),
      isExecutable: number % 200 === 0,
    };
  }
}

function pathOf(number: number): string {
  let folder = Math.floor(number / FILES_PER_FOLDER);
  const parts = [TOPS[folder % TOPS.length]!];
  folder = Math.floor(folder / TOPS.length);
  do {
    parts.push(`${FOLDERS[folder % FOLDERS.length]}`);
    folder = Math.floor(folder / FOLDERS.length);
  } while (folder > 0);
  return `${parts.join('/')}/file-${number}.ts`;
}

/** Lines of words: compresses about as well as source code does. */
function madeUpText(sizeBytes: number, random: () => number): Buffer {
  const lines: string[] = [];
  for (let length = 0; length < sizeBytes; length += lines.at(-1)!.length + 1) {
    const words = Array.from({ length: 2 + Math.floor(random() * 10) }, () => word(random));
    lines.push(`${'  '.repeat(Math.floor(random() * 4))}${words.join(' ')};`);
  }
  return Buffer.from(lines.join('\n'));
}

function word(random: () => number): string {
  if (random() < 0.7) return WORDS[Math.floor(random() * WORDS.length)]!;
  return Math.floor(random() * 36 ** 6).toString(36);
}

/** Box–Muller. */
function standardNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
