/**
 * The layers of the house. Apps import libs and never each other; libs import only what is named here.
 * @type {import('dependency-cruiser').IConfiguration}
 */
const mayImport = {
  contracts: [],
  git: [],
  runtime: [],
  messaging: ['contracts', 'runtime'],
  database: ['contracts', 'runtime'],
  outbox: ['contracts', 'runtime', 'messaging', 'database'],
  tasks: ['contracts', 'runtime', 'messaging', 'database', 'outbox'],
  embedded: ['contracts', 'runtime', 'messaging', 'database'],
};

const layerRules = Object.entries(mayImport).map(([lib, allowed]) => ({
  name: `${lib}-imports-only-lower-layers`,
  comment: `libs/${lib} may import ${allowed.length > 0 ? allowed.join(', ') : 'no other lib'}. Move the code down, or pass it in.`,
  severity: 'error',
  from: { path: `^libs/${lib}/`, pathNot: '\\.spec\\.ts$' },
  to: { path: '^libs/', pathNot: `^libs/(${[lib, ...allowed].join('|')})/` },
}));

export default {
  forbidden: [
    ...layerRules,
    {
      name: 'no-app-imports-an-app',
      comment: 'Apps are deployed alone. What two apps share lives in a lib.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'nothing-imports-the-benchmarks',
      comment: 'bench measures what ships, and does not ship.',
      severity: 'error',
      from: { path: '^(apps|libs|migrations|test)/' },
      to: { path: '^bench/' },
    },
    {
      name: 'nothing-imports-the-generators',
      comment: 'generators describes what ships, and does not ship.',
      severity: 'error',
      from: { path: '^(apps|bench|libs|migrations)/' },
      to: { path: '^generators/' },
    },
    {
      name: 'examples-stand-alone',
      comment: 'An example needs nothing of ours: whoever copies its folder has all of it.',
      severity: 'error',
      from: { path: '^examples/' },
      to: { path: '^(apps|bench|generators|libs|migrations|test)/' },
    },
    {
      name: 'nothing-imports-the-examples',
      comment: 'examples are run, by people and by tests.',
      severity: 'error',
      from: { path: '^(apps|bench|generators|libs|migrations|test)/' },
      to: { path: '^examples/' },
    },
    {
      name: 'libs-do-not-import-apps',
      comment: 'Dependencies flow downward: apps import libs.',
      severity: 'error',
      from: { path: '^libs/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^apps/' },
    },
    {
      name: 'testing-is-for-specs',
      comment: 'libs/testing starts servers for tests; nothing that ships may need it.',
      severity: 'error',
      from: { path: '^(apps|libs|migrations)/', pathNot: '(\\.spec\\.ts$|/testing/)' },
      to: { path: '^libs/testing/' },
    },
    {
      name: 'libs-are-entered-by-their-index',
      comment: "Import '#name', not a file inside another lib.",
      severity: 'error',
      from: { path: '^(apps|bench|generators|test|migrations)/' },
      to: { path: '^libs/[^/]+/src/', pathNot: '^libs/[^/]+/src/index\\.ts$' },
    },
    {
      name: 'libs-are-entered-by-their-index-from-libs',
      comment: "Import '#name', not a file inside another lib.",
      severity: 'error',
      from: { path: '^libs/([^/]+)/' },
      to: { path: '^libs/[^/]+/src/', pathNot: '^libs/($1/|[^/]+/src/index\\.ts$)' },
    },
    {
      name: 'no-cycles',
      comment: 'A cycle means two files are one idea, or one idea is in the wrong file.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolved',
      comment: 'The import leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-dependency-in-shipped-code',
      comment: 'Images are installed without development dependencies.',
      severity: 'error',
      from: { path: '^(apps|libs|migrations)/', pathNot: '(\\.spec\\.ts$|/testing/)' },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['patchpoint-source', 'import', 'node', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
};
