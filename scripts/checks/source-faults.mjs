import { dirname, basename } from 'node:path';

/** As prettier's `printWidth`, which does not wrap comments. */
const PRINT_WIDTH = 110;
const MAX_LINES = 250;
const MAX_FILES_IN_A_FOLDER = 25;

/**
 * Pure: what is wrong with these source files, a line for each fault.
 *
 * @param {{ path: string; text: string }[]} files
 * @returns {string[]}
 */
export function sourceFaults(files) {
  return [
    ...files.flatMap(({ path, text }) => wideComments(path, text)),
    ...files.flatMap(({ path, text }) => tooLong(path, text)),
    ...files.flatMap(({ path, text }) => otherName(path, text)),
    ...files.flatMap(({ path, text }) => unwokenRelay(path, text)),
    ...crowdedFolders(files.map(({ path }) => path)),
  ];
}

/** A line that tells a tool something cannot be broken. */
const FOR_A_TOOL = /oxlint-disable|prettier-ignore|https?:\/\//;

function wideComments(path, text) {
  return text.split('\n').flatMap((line, index) => {
    const isComment = /^\s*(?:\*|\/\/|\/\*)/.test(line) || /[;,{})] \/\/ /.test(line);
    if (line.length <= PRINT_WIDTH || !isComment || FOR_A_TOOL.test(line)) return [];
    return [`${path}:${index + 1}: this comment is ${line.length} wide; break it at ${PRINT_WIDTH}.`];
  });
}

function tooLong(path, text) {
  const lines = text.split('\n').length - 1;
  return lines > MAX_LINES
    ? [`${path}: ${lines} lines; above ${MAX_LINES} there are two ideas in it. Split it.`]
    : [];
}

/**
 * Folders whose files hold several small classes that are one idea, or hooks of tests that are named for the
 * hook.
 */
const SEVERAL_CLASSES = /^migrations\/|\/testing\/|\.spec\.ts$|^examples\//;

/** A file with one class (errors aside) bears its name: `record-checkpoint.ts` holds RecordCheckpoint. */
function otherName(path, text) {
  if (!path.endsWith('.ts') || SEVERAL_CLASSES.test(path)) return [];
  const classes = [...text.matchAll(/^export (?:abstract )?class (\w+)(?: extends (\w+))?/gm)];
  if (classes.length !== 1) return [];
  const [[, name, parent]] = classes;
  if (parent?.endsWith('Error')) return [];
  const file = basename(path, '.ts').replaceAll(/[.-]/g, '');
  const room = basename(dirname(path)).replace(/s$/, '');
  const expected = [file, file.replace(/s$/, ''), file + room, file.replace(/config$/, 'environment')];
  return expected.includes(name.toLowerCase())
    ? []
    : [`${path}: its class is ${name}. Give file and class one name.`];
}

/** Who writes to the outbox without OutboxTransaction forgets to wake the relay. */
function unwokenRelay(path, text) {
  if (/^libs\/(?:outbox|database)\/|^scripts\//.test(path) || !/\binsertOutbox\b/.test(text)) return [];
  return [
    `${path}: insertOutbox is for libs/outbox. Write through OutboxTransaction, which wakes the relay.`,
  ];
}

function crowdedFolders(paths) {
  const counts = new Map();
  for (const path of paths.filter((each) => !each.endsWith('.spec.ts'))) {
    counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > MAX_FILES_IN_A_FOLDER)
    .map(
      ([folder, count]) =>
        `${folder}: ${count} source files; above ${MAX_FILES_IN_A_FOLDER} nobody finds anything. Make rooms.`,
    );
}
