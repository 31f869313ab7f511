/**
 * Folders that tools fill with what they can make or fetch again. Where nobody ignores them and a checkpoint
 * would be too large, they go first. docs/reliability.md lists them for people.
 */
export const DEPENDENCY_FOLDERS: readonly string[] = [
  'node_modules',
  'bower_components',
  '.venv',
  'venv',
  'site-packages',
  '__pycache__',
  '.tox',
  '.mypy_cache',
  '.pytest_cache',
  '.ruff_cache',
  'target',
  '.gradle',
  '.m2',
  'Pods',
  'DerivedData',
  'vendor/bundle',
  '.bundle',
  '.cargo',
  '.terraform',
  '.next',
  '.nuxt',
  '.svelte-kit',
  '.parcel-cache',
  '.turbo',
  '.yarn/cache',
  '.pnpm-store',
  '.dart_tool',
  'elm-stuff',
  '.stack-work',
  'dist-newstyle',
];

const PATTERN = new RegExp(
  `^(?:.*?/)??(?:${DEPENDENCY_FOLDERS.map((name) => name.replaceAll('.', String.raw`\.`)).join('|')})(?=/)`,
  's',
);

/** The outermost dependency folder that a path lies in, in latin1; null where there is none. Pure. */
export function dependencyFolderOf(path: string): string | null {
  return PATTERN.exec(path)?.[0] ?? null;
}
