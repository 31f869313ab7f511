/** What `.patchpoint.json` says, with what of it cannot be used. */
export interface ProjectFile {
  /** A command for `sh -c` that makes the rest of the agent's environment; null: none. */
  setup: string | null;
  /** Rules as in `.gitignore`, of ignored files that are captured all the same. */
  include: string[];
  /** Each names the field and what to do. */
  problems: string[];
}

export const NO_PROJECT_FILE: ProjectFile = { setup: null, include: [], problems: [] };

const MAX_SETUP_LENGTH = 4096;
const MAX_RULES = 1000;
const MAX_RULE_LENGTH = 1024;

/** Pure. What is wrong costs itself alone: the rest of the file holds. */
export function parseProjectFile(bytes: Buffer): ProjectFile {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    return { ...NO_PROJECT_FILE, problems: [`it is not JSON (${(error as Error).message}); correct it`] };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ...NO_PROJECT_FILE, problems: ['it must be an object, such as {"setup": "npm ci"}'] };
  }
  const { setup, include, ...unknown } = value as Record<string, unknown>;
  const problems = Object.keys(unknown).map(
    (name) => `unknown field ${JSON.stringify(name.slice(0, 40))}; known are "setup" and "include"`,
  );
  return { setup: parseSetup(setup, problems), include: parseInclude(include, problems), problems };
}

function parseSetup(value: unknown, problems: string[]): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'string' && value.length <= MAX_SETUP_LENGTH && isOneLine(value)) return value;
  problems.push(`"setup" must be a command in one line of at most ${MAX_SETUP_LENGTH} characters`);
  return null;
}

function parseInclude(value: unknown, problems: string[]): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > MAX_RULES) {
    problems.push(`"include" must be a list of at most ${MAX_RULES} texts, such as [".env.local"]`);
    return [];
  }
  return value.flatMap((rule: unknown, at) => {
    if (typeof rule === 'string' && rule !== '' && rule.length <= MAX_RULE_LENGTH && isOneLine(rule)) {
      return rule;
    }
    problems.push(`"include"[${at}] must be a text, such as ".env.local"`);
    return [];
  });
}

function isOneLine(text: string): boolean {
  return !/\p{Cc}/u.test(text);
}
