import { join } from 'node:path';
import type { Inclusions } from '../staging/find-included.js';
import { matchRules, type Matcher } from '../staging/match-rules.js';
import { omit, type Omission } from '../values/omission.js';
import { judgeRule } from './judge-rule.js';
import { PROJECT_FILE, readProjectFile, UNUSABLE } from './project-file.js';
import { readOwnFile } from './read-own-file.js';

/** Of other tools: rules of ignored files that they copy into new worktrees. */
const INCLUDE_FILE = '.worktreeinclude';

/** A rule with the words that name it. */
interface Rule {
  name: string;
  text: string;
}

/** A file that says what to include. */
interface Source {
  path: string;
  rules: Rule[];
  problems: string[];
}

/**
 * Reads which ignored files of a worktree are captured all the same: those that `.worktreeinclude` or
 * `include` of `.patchpoint.json` names, and these two files themselves. A restored worktree must hold them,
 * to know what is ignored in it and was captured. So where one of them is withheld, what it says is void.
 *
 * @param withheld rules of what is never captured
 */
export async function readInclusions(
  worktreeDir: string,
  matcher: Matcher,
  withheld: Buffer,
): Promise<Inclusions> {
  const found = await Promise.all([readIncludeFile(worktreeDir), readProject(worktreeDir)]);
  const sources = found.filter((source) => source !== null);
  const paths = sources.map(({ path }) => Buffer.from(path));
  const out = new Set((await matchRules(matcher, withheld, paths)).map(String));
  const inclusions: Inclusions = { matcher, rules: EMPTY, named: [], withheld, omissions: [] };
  for (const source of sources) {
    if (!out.has(source.path)) add(inclusions, source);
    else if (source.rules.length > 0) inclusions.omissions.push(notUsed(source.path, WITHHELD));
  }
  return inclusions;
}

/** Single files in dependency folders: more is a list of dependencies. */
const MAX_NAMED = 1000;

const EMPTY = Buffer.alloc(0);
const WITHHELD = 'what it includes, as it is itself excluded from captures; take it out of those rules';

function add(inclusions: Inclusions, { path, rules, problems }: Source): void {
  if (!problems.includes(UNUSABLE)) inclusions.named.push(Buffer.from(path));
  inclusions.omissions.push(...problems.map((problem) => notUsed(path, problem)));
  const lines: string[] = [];
  for (const { name, text } of rules) {
    const judged = judgeRule(text);
    if (judged.use === 'rule') lines.push(`${text}\n`);
    else if (judged.use === 'path' && inclusions.named.length < MAX_NAMED)
      inclusions.named.push(Buffer.from(judged.path));
    else if (judged.use === 'path')
      inclusions.omissions.push(notUsed(path, `${name}: ${MAX_NAMED} single files are taken at most`));
    else inclusions.omissions.push(notUsed(path, `${name}, ${text}, ${judged.why}`));
  }
  inclusions.rules = Buffer.concat([inclusions.rules, Buffer.from(lines.join(''))]);
}

/** At most as many characters as a message allows. */
function notUsed(path: string, words: string): Omission {
  return omit(Buffer.from(path), `not-used: ${words}`.slice(0, 200) as `not-used: ${string}`);
}

async function readIncludeFile(worktreeDir: string): Promise<Source | null> {
  const bytes = await readOwnFile(join(worktreeDir, INCLUDE_FILE));
  if (bytes === null) return null;
  if (bytes === 'unusable') return { path: INCLUDE_FILE, rules: [], problems: [UNUSABLE] };
  const rules = bytes
    .toString('utf8')
    .split(/\r?\n/)
    .map((text, at) => ({ name: `line ${at + 1}`, text }))
    .filter(({ text }) => text.trim() !== '' && !text.startsWith('#'));
  return { path: INCLUDE_FILE, rules, problems: [] };
}

async function readProject(worktreeDir: string): Promise<Source | null> {
  const project = await readProjectFile(worktreeDir);
  if (project === null) return null;
  const rules = project.include.map((text, at) => ({
    name: `"include"[${at}]`,
    text: text.startsWith('#') ? `\\${text}` : text,
  }));
  return { path: PROJECT_FILE, rules, problems: project.problems };
}
