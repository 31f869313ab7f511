/**
 * `npm run docs`: writes the generated documents. With `--check` it writes nothing, names those that are out
 * of date, and ends with exit code 1 when there are any. Names of documents limit it to these.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageFolder } from '#runtime';
import { documents } from './documents.js';

const { values, positionals } = parseArgs({
  options: { check: { type: 'boolean' } },
  allowPositionals: true,
});
const chosen = documents.filter(({ path }) => positionals.length === 0 || positionals.includes(path));

for (const document of chosen) {
  const file = join(packageFolder(), document.path);
  const [before, text] = [await readFile(file, 'utf8').catch(() => ''), await document.make()];
  if (text === before) continue;
  if (values.check) {
    console.error(`${document.path} is not what the code says. Run \`npm run docs\` and commit it.`);
    process.exitCode = 1;
  } else {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    console.log(`${document.path} written`);
  }
}
