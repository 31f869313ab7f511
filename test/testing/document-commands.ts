/** How a command of a document is tested. */
export type Tested =
  /** The spec runs it, or what it comes to; `by` is a text of the spec that does. */
  | { spec: string; by: string }
  /** No test can run it, and why. The document says that it is an example, or a check of it is named here. */
  | { notRun: string };

const QUICKSTART = 'test/long/quickstart.spec.ts';
const HERE = 'test/document-commands.spec.ts';
const quickstart: Tested = { spec: QUICKSTART, by: "blocksOf('Try it')" };

const secondMachine: Tested = {
  spec: 'test/long/second-machine.spec.ts',
  by: "commandsUnder('From one machine to another')",
};

/** Every command of a `sh` block of any document. */
export const documentCommands: Readonly<Record<string, Tested>> = {
  // README
  'npm start': { spec: QUICKSTART, by: "expect(start).toBe('npm start\\n')" },
  'git clone --quiet . /tmp/try-it': quickstart,
  'npx patchpoint watch /tmp/try-it --every 2s': quickstart,
  "echo 'An idea.' >> /tmp/try-it/README.md": quickstart,
  'rm /tmp/try-it/CONTRIBUTING.md': quickstart,
  'head -c 100000 /dev/urandom > /tmp/try-it/picture.bin': quickstart,
  'mv /tmp/try-it /tmp/lost': quickstart,
  'npx patchpoint restore try-it --into /tmp/found': quickstart,
  'diff --recursive --no-dereference --exclude=.git /tmp/lost /tmp/found && echo identical': quickstart,
  'npm run demo': { spec: 'test/long/commands.spec.ts', by: "[patchpoint, 'demo', ...options]" },
  [`sed 's/^/authorization: Bearer /' .patchpoint/credentials/api-token |
  curl -X POST $PATCH_STORE/v1/tasks -H @- -H 'content-type: application/json' -d '{
  "name": "try it", "runner": "shell", "repoUrl": "new://try-it", "plan": "echo hello > hello.txt"
}'`]: { spec: QUICKSTART, by: "blocksOf('Use it')" },

  // docs/operating.md
  'npm run build': {
    notRun: 'it would replace dist/ under tests that run it; `npm test` builds before Jest',
  },
  'DATABASE_URL=postgres://… npm run migrate': {
    spec: 'test/long/commands.spec.ts',
    by: "[patchpoint, 'migrate']",
  },
  'node scripts/compose-credentials.mjs': {
    spec: 'test/compose.spec.ts',
    by: "const command = 'node scripts/compose-credentials.mjs'",
  },
  'docker compose up --build': {
    notRun: 'no containers here; the document calls it an example',
  },
  'DATABASE_URL=postgres://… NATS_URL=nats://… node dist/apps/janitor/src/main.js': {
    spec: HERE,
    by: 'runs one app as operators do',
  },

  // docs/security.md
  'npx patchpoint nats-permissions --daemon worker-2 --pool default': {
    spec: HERE,
    by: "fromDocuments('npx patchpoint nats-permissions')",
  },
  'npx patchpoint token create dashboard --scope read': {
    spec: 'test/long/cli.spec.ts',
    by: "'token', 'create', 'dashboard', '--scope', 'read'",
  },
  'npx patchpoint token list': { spec: 'test/long/cli.spec.ts', by: "cli.run('token', 'list')" },
  'npx patchpoint token revoke 01a20514-a008-7493-afc0-154df210ecb7': {
    spec: 'test/long/cli.spec.ts',
    by: "cli.run('token', 'revoke', made.id)",
  },
  '(umask 077 && echo "2026-01 $(openssl rand -base64 32)" > keys)': {
    spec: 'test/long/encryption.spec.ts',
    by: 'openssl rand -base64 32',
  },

  // docs/agents.md
  'npm start -- --port 8080': secondMachine,
  "npx patchpoint run --repo https://github.com/you/app --name fix-login -- 'Fix the login.'": secondMachine,
  'ssh -f -N -L 8080:127.0.0.1:8080 you@laptop': {
    notRun: 'an example: the second machine of the test reaches the first without it',
  },
  'export PATCHPOINT_API_TOKEN="$(ssh you@laptop cat patchpoint/.patchpoint/credentials/api-token)"':
    secondMachine,
  'npx patchpoint restore fix-login --server http://127.0.0.1:8080 --with-conversation --into /tmp/fix-login':
    secondMachine,
  'cd /tmp/fix-login && claude --resume 8c9a1c1e-2f0b-4d6a-9d3c-5b7e4f1a2b3c': secondMachine,
  "npx patchpoint fork fix-login@12 --count 3 -m 'Make it work without the new dependency.'": {
    spec: 'test/long/forks.spec.ts',
    by: "cli('fork', `${id}@${checkpoint.number}`, '--count', '2', '-m', 'Go on.'",
  },
  'npx patchpoint undo fix-login': { spec: 'test/long/undo.spec.ts', by: "cli('undo', id, '--json')" },

  // docs/setup.md
  "npx patchpoint run --repo https://github.com/you/app --setup 'npm ci' -- 'make the tests pass'": {
    spec: 'test/long/setup.spec.ts',
    by: "'--setup'",
  },

  // CONTRIBUTING.md
  'npm run check': { notRun: '.ci/run runs it before the tests, on the same files' },
  'npm test': { notRun: 'it is what runs this test' },
  'npm test -- libs/git': { notRun: 'a part of what runs this test' },
  'npm run test:agents': { notRun: 'it installs 1.3 GB; run after changes of runners' },
  'npm run test:all': { notRun: 'it runs this test too' },
  'npm run jest -- libs/git': { spec: HERE, by: 'chooses specs by path' },
  'npm run docs': { spec: HERE, by: 'generates the documents' },

  // CONTRIBUTING.md and docs/reliability.md
  'npm run test:faults': { notRun: 'ten minutes; run after changes of what it breaks' },
  'npm run test:faults -- --random --rounds 100 --component nats': {
    spec: HERE,
    by: 'takes the options of the random runner',
  },
};
