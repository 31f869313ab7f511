import { roomRules } from './scripts/checks/rooms.mjs';

/** The layers of the house. Apps import libs and never each other; libs import only what is named here. */
const mayImport = {
  contracts: [],
  git: [],
  runtime: [],
  scripted: [],
  client: ['contracts'],
  agents: ['contracts', 'runtime'],
  messaging: ['contracts', 'runtime'],
  database: ['contracts', 'runtime'],
  outbox: ['contracts', 'runtime', 'messaging', 'database'],
  tasks: ['contracts', 'runtime', 'messaging', 'database', 'outbox'],
  embedded: ['contracts', 'runtime', 'messaging', 'database'],
};

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** Files below any of these folders of the root. */
const inside = (...folders) => ({ path: `^(${folders.join('|')})/` });

const forTests = '(\\.spec\\.ts$|/testing/)';
/** Of a lib, what does not ship: its specs, and what supports them. */
const supportOf = (lib) => `(\\.spec\\.ts$|^libs/${lib}/testing/)`;
const shipped = { ...inside('apps', 'libs', 'migrations'), pathNot: forTests };

const layerRules = Object.entries(mayImport).map(([lib, allowed]) =>
  forbid(
    `${lib}-imports-only-lower-layers`,
    `libs/${lib} may import ${allowed.length > 0 ? allowed.join(', ') : 'no other lib'}. Move the code down, or pass it in.`,
    { path: `^libs/${lib}/`, pathNot: supportOf(lib) },
    { path: '^libs/', pathNot: `^libs/(${[lib, ...allowed].join('|')})/` },
  ),
);

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...layerRules,
    ...roomRules,
    forbid(
      'no-app-imports-an-app',
      'Apps are deployed alone. What two apps share lives in a lib.',
      { path: '^apps/([^/]+)/' },
      { path: '^apps/', pathNot: '^apps/$1/' },
    ),
    forbid(
      'nothing-imports-the-benchmarks',
      'bench measures what ships, and does not ship.',
      inside('apps', 'libs', 'migrations', 'test'),
      inside('bench'),
    ),
    forbid(
      'nothing-imports-the-generators',
      'generators describes what ships, and does not ship.',
      inside('apps', 'bench', 'libs', 'migrations'),
      inside('generators'),
    ),
    forbid(
      'examples-stand-alone',
      'An example needs nothing of ours: whoever copies its folder has all of it.',
      inside('examples'),
      inside('apps', 'bench', 'generators', 'libs', 'migrations', 'test'),
    ),
    forbid(
      'nothing-imports-the-examples',
      'examples are run, by people and by tests.',
      inside('apps', 'bench', 'generators', 'libs', 'migrations', 'test'),
      inside('examples'),
    ),
    forbid(
      'libs-do-not-import-apps',
      'Dependencies flow downward: apps import libs.',
      { ...inside('libs'), pathNot: '\\.spec\\.ts$' },
      inside('apps'),
    ),
    forbid(
      'testing-is-for-specs',
      'What starts servers and makes up data for tests is for specs; nothing that ships may need it.',
      shipped,
      { path: '/testing/', pathNot: 'node_modules' },
    ),
    forbid(
      'libs-are-entered-by-their-index',
      "Import '#name', not a file inside another lib.",
      inside('apps', 'bench', 'generators', 'test', 'migrations'),
      // `#contracts/text` is apart: the command line would wait 0.3 s for all the contracts.
      { path: '^libs/[^/]+/src/', pathNot: '^libs/([^/]+/src/index|contracts/src/text/harmless)\\.ts$' },
    ),
    forbid(
      'libs-are-entered-by-their-index-from-libs',
      "Import '#name', not a file inside another lib.",
      { path: '^libs/([^/]+)/' },
      { path: '^libs/[^/]+/src/', pathNot: '^libs/($1/|[^/]+/src/index\\.ts$)' },
    ),
    forbid(
      'no-cycles',
      'A cycle means two files are one idea, or one idea is in the wrong file.',
      {},
      { circular: true },
    ),
    forbid('no-unresolved', 'The import leads nowhere.', {}, { couldNotResolve: true }),
    forbid(
      'no-dev-dependency-in-shipped-code',
      'Images are installed without development dependencies.',
      shipped,
      { dependencyTypes: ['npm-dev'] },
    ),
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
