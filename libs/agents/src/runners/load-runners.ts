import { readFileSync } from 'node:fs';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { NAME_TOKEN } from '#contracts';
import { ConfigurationError } from '#runtime';
import { BUILT_IN_RUNNERS } from './built-in-runners.js';
import { Runner } from './runner.js';

export type { Runner } from './runner.js';

const PLACEHOLDERS = new Set([
  '{planFile}',
  '{prompt}',
  '{sessionId}',
  '{forkedSessionId}',
  '{gitDir}',
  '{handoverDir}',
  '{permissions}',
  '{hooks}',
  '{mcp}',
]);

/** Runners by name: the built-in ones, and those of a JSON file, which take precedence. */
export type Runners = ReadonlyMap<string, Runner>;

/** @throws Error when there is no such runner */
export function findRunner(runners: Runners, name: string): Runner {
  const runner = runners.get(name);
  if (runner !== undefined) return runner;
  throw new Error(
    `This daemon has no runner "${name}"; it has ${[...runners.keys()].join(', ')}. Choose one of these, or add it with PATCHPOINT_RUNNERS_FILE.`,
  );
}

/** @throws ConfigurationError when the file cannot be read, or naming every entry that is not a runner */
export function loadRunners(file: string | undefined): Runners {
  const own = file === undefined ? {} : readRunnersFile(file);
  return new Map(Object.entries({ ...BUILT_IN_RUNNERS, ...own }));
}

function readRunnersFile(file: string): Record<string, Runner> {
  const entries = Object.entries(parse(file));
  const problems = entries.flatMap(([name, value]) => problemsOf(name, value));
  if (problems.length === 0) return Object.fromEntries(entries) as Record<string, Runner>;
  throw new ConfigurationError(
    problems.map((problem) => `PATCHPOINT_RUNNERS_FILE "${file}": ${problem} (docs/agents.md).`),
  );
}

function parse(file: string): object {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof parsed === 'object' && parsed !== null) return parsed;
    throw new Error('it must be an object with a runner for each name');
  } catch (error) {
    throw new ConfigurationError([
      `PATCHPOINT_RUNNERS_FILE is "${file}": it cannot be read as JSON: ${(error as Error).message}.`,
    ]);
  }
}

function problemsOf(name: string, value: unknown): string[] {
  const where = `runner "${name}"`;
  if (!NAME_TOKEN.test(name)) return [`${where}: its name must be letters, digits, "-" or "_"`];
  if (typeof value !== 'object' || value === null) return [`${where}: it must be an object`];
  const runner = plainToInstance(Runner, value);
  const errors = validateSync(runner, { whitelist: true, forbidNonWhitelisted: true });
  const problems = errors
    .flatMap((error) => reasonsOf(error))
    .concat(errors.length > 0 ? [] : misfits(runner));
  return problems.map((problem) => `${where}: ${problem}`);
}

/** Each with the path of its field. */
function reasonsOf({ property, constraints, children }: ValidationError, above = ''): string[] {
  const path = `${above}${property}`;
  const own = Object.values(constraints ?? {})
    .slice(0, 1)
    .map((reason) => `${path}: ${reason}`);
  return [...own, ...(children ?? []).flatMap((child) => reasonsOf(child, `${path}.`))];
}

/** Fields that are right alone and not together. */
function misfits({
  start,
  continue: goOn = [],
  fork = [],
  byHand = [],
  session,
  permissions,
  conversation,
}: Runner): string[] {
  const commands = [...start, ...goOn, ...fork, ...byHand];
  const used = commands.flatMap((argument) => argument.match(/\{\w+\}/g) ?? []);
  const unknown = used.filter((each) => !PLACEHOLDERS.has(each));
  return [
    ...unknown.map((each) => `start: there is no placeholder ${each}`),
    ...(used.includes('{permissions}') && !permissions
      ? ['permissions: missing, and {permissions} is used']
      : []),
    ...(session?.id === 'learned' && !(session.lineType && session.lineField)
      ? ['session: it must have lineType and lineField with id "learned"']
      : []),
    ...(conversation && (conversation.files === undefined) === (conversation.commands === undefined)
      ? ['conversation: it must have either files or commands']
      : []),
  ];
}
