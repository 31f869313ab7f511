/**
 * An agent that keeps its conversations in a book, one for all, which names the working directory of each:
 * the book cannot be copied, but a conversation can be exported from one and imported into another.
 *
 *   booking-agent.mjs run [ID] | export ID | import FILE
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const bookFile = join(process.env.BOOKING_HOME, 'book.json');
const book = existsSync(bookFile) ? JSON.parse(readFileSync(bookFile, 'utf8')) : {};
const save = () => writeFileSync(bookFile, JSON.stringify(book));

const [command, argument] = process.argv.slice(2);
await { run, export: exportOne, import: importOne }[command](argument);

async function run(id = `booked-${process.pid}`) {
  if (argument !== undefined && book[id]?.cwd !== process.cwd()) fail(`There is no ${id} here.`);
  book[id] ??= { cwd: process.cwd(), said: [] };
  book[id].said.push(await text(process.stdin));
  save();
  print(JSON.stringify({ type: 'named', id }));
  print(`has heard: ${book[id].said.map((each) => JSON.stringify(each)).join(' and ')}`);
  writeFileSync('work.txt', `${book[id].said.length}\n`);
  setInterval(() => {}, 60_000);
}

function exportOne(id) {
  if (book[id] === undefined) fail(`There is no ${id}.`);
  const messages = book[id].said.map((each) => ({
    info: { role: 'user' },
    parts: [{ type: 'text', text: each }],
  }));
  print(JSON.stringify({ info: { id, cwd: book[id].cwd }, messages }, null, 2));
}

function importOne(file) {
  const { info, messages } = JSON.parse(readFileSync(file, 'utf8'));
  book[info.id] = { cwd: process.cwd(), said: messages.map(({ parts }) => parts[0].text) };
  save();
}

function print(line) {
  process.stdout.write(`${line}\n`);
}

function fail(reason) {
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}
