/**
 * The rooms of each house (an app, a lib), from top to bottom. Arrows point downward only: a room may import
 * the rooms below it and nothing above. Rooms on one line do not know each other. A room is a folder, or a
 * file at the top of the house. What each room is for is said to whoever breaks the rule.
 */
export const houses = {
  'libs/contracts/src': [
    { index: 'what others may import' },
    {
      rpc: 'questions and answers over NATS',
      commands: 'orders to a daemon',
      http: 'what the HTTP API says: bodies, queries, views',
    },
    { subjects: 'where each message goes' },
    { events: 'what services announce' },
    { messages: 'what a daemon sends' },
    { wire: 'how a message becomes bytes, and back' },
    { conversation: 'what an agent wrote, as text for people' },
    { fields: 'rules that fields of several messages share' },
  ],
  'libs/client/src': [
    { index: 'what others may import' },
    { 'patch-store.client': 'a method for each request' },
    { 'patch-store.http': 'how it is asked' },
    { 'event-feed': 'a stream that outlives its connections' },
    {
      'again-after-cut': 'when a request is sent again',
      'read-server-sent-events': 'from bytes to events',
    },
    { 'patch-store.error': 'refused, or no answer', requests: 'what a caller gives' },
  ],
  'libs/agents/src': [
    {
      index: 'what others may import',
      'hook-program': 'what a program runs to report a step',
      'mcp-program': 'what a program runs for the tools of its task',
    },
    { mcp: 'the tools of a task, as an MCP server' },
    { conversation: 'what a program records of its conversation: read, and placed again' },
    { runners: 'agent programs, as data' },
  ],
  'libs/git/src': [
    { index: 'what others may import' },
    { restore: 'makes a worktree again and proves it', capture: 'makes a checkpoint of a worktree' },
    { mirror: 'repositories and worktrees that are ours' },
    { shadow: "a worktree's private git dir: its state as a tree" },
    {
      conversions: 'line ends, filters and encodings: bytes as they are on disk',
      modes: 'permissions beside the tree: noticed, written down, set again',
      project: 'what a worktree itself says to Patchpoint',
    },
    { secrets: 'which files look like secrets, and what becomes of them' },
    { staging: 'what of a worktree belongs into its tree' },
    { worktree: 'what there is in a folder that is not ours', remote: 'everything that uses the network' },
    { values: 'shas, sources, paths: checked words' },
    { run: 'the one way to start git' },
  ],
  'libs/messaging/src': [
    { index: 'what others may import' },
    { 'messaging.module': 'wires the parts' },
    { 'connect-handlers': "an app's handlers, over both transports" },
    { permissions: 'who may publish and hear what, from the same subjects' },
    { core: 'core NATS: nothing is kept', blob: 'patches too large for a message' },
    { consume: 'from a stream to a settled message', publish: 'to a stream, acknowledged' },
    { topology: 'streams and consumers, declared once' },
    { nest: 'what Nest needs of a transport' },
    { connection: 'the one connection of a process' },
    { semaphore: 'bounds what runs at once', 'settled-within': 'waits, but not for ever' },
  ],
  'libs/database/src': [
    { index: 'what others may import' },
    { 'database.module': 'wires the parts' },
    { statements: 'SQL, a file a statement' },
    { migrate: 'brings a schema up to date', database: 'transactions and their retries' },
    { 'data-source': 'one pool per process' },
    { sealing: 'payloads that a dump does not show' },
    {
      'database-error': 'what a failure means',
      'resilient-client': 'survives a lost connection',
      'postgres-naming': 'names of columns',
    },
    { entities: 'tables as classes' },
  ],
  'libs/database/src/statements': [
    { index: 'what others may import' },
    {
      tasks: 'tasks',
      checkpoints: 'checkpoints',
      patches: 'patches',
      conversations: 'what agents wrote of their conversations',
      outbox: 'outbox rows',
      'dead-letters': 'dead letters',
      parked: 'messages that wait aside',
      daemons: 'daemons',
      idempotency: 'idempotency keys',
      'api-tokens': 'tokens for the HTTP API',
    },
    { attempts: 'attempts of tasks, inserted with them', keys: 'payloads, sealed by keys of tasks' },
    { sql: 'how any statement is sent' },
  ],
  'libs/outbox/src': [
    { index: 'what others may import' },
    { 'outbox.module': 'wires the parts' },
    { 'replay-dead-letter': 'sends again what could not be taken' },
    { parking: 'what waits, kept aside and taken up again', 'intake-watch': 'what is no longer handled' },
    { 'bury-messages': 'what can never succeed, many in one transaction' },
    {
      'outbox-transaction': 'from a decision to committed rows',
      'keep-dead-letters': 'what can never succeed, kept as far as it can be',
    },
    { 'outbox-relay': 'from a committed row to a published message' },
    { 'publish-in-order': 'the order within a batch', metrics: 'what is counted' },
  ],
  'libs/tasks/src': [
    { index: 'what others may import' },
    { 'tasks.module': 'wires the parts' },
    { perform: 'does what was decided, in one transaction' },
    { messages: 'what is said about a task' },
    { decide: 'pure: what becomes of a task' },
  ],
  'libs/runtime/src': [
    { index: 'what others may import' },
    { 'run-app': 'starts and stops a process' },
    { operations: 'health and metrics of a process' },
    { 'app-environment': 'what every app is told by its environment', logging: 'log lines' },
    { environment: 'reads variables', backoff: 'how long to wait', outage: 'whose fault a failure is' },
    { 'group-commit': 'many calls, one commit', 'rate-limit': 'how often', version: 'of Patchpoint' },
    { 'configuration-error': 'names the wrong variable', 'error-causes': 'what an error says of its causes' },
    { environment: 'reads variables', backoff: 'how long to wait', version: 'which Patchpoint this is' },
    { 'encryption-keys': 'by which payloads are encrypted' },
    { 'configuration-error': 'names the wrong variable' },
  ],
  'libs/embedded/src': [
    { index: 'what others may import' },
    { stack: 'everything on one machine' },
    { apps: 'our apps', nats: 'a nats-server', postgres: 'a Postgres', credentials: 'who may use them' },
    { process: 'child processes that end with us' },
    { privacy: 'what no other user of the machine may read' },
    { 'embedded-error': 'what to do when a server does not start' },
  ],
  'libs/scripted/src': [
    { index: 'what others may import' },
    {
      model: 'a model that follows a script',
      'fake-agent': 'a program that behaves as coding agents do',
      'fake-agent-program': 'where that program is',
      'ask-scripted-model': 'what makes a program ask that model',
    },
  ],
  'apps/daemon-agent/src': [
    { main: 'the process' },
    { 'agent.module': 'wires the parts to Nest' },
    { nats: 'the one place that speaks NATS' },
    { 'daemon-agent': 'what the daemon does: starts, obeys, stops' },
    { 'daemon-parts': 'makes the parts and ties them together' },
    { run: 'step 5: one attempt of a task, from its order to its end' },
    { boundaries: 'what an agent program reports of its steps, and what follows' },
    { tools: 'what an agent asks of its daemon' },
    {
      restore: 'step 5: a worktree for an attempt',
      capture: 'step 1: a checkpoint of a worktree',
      presence: 'the sign that this daemon lives',
    },
    { processes: 'the programs of tasks: started, ended, and what they leave behind' },
    { conversation: 'the conversations of the tasks that run here' },
    { spool: 'checkpoints on disk until they are stored' },
    { report: 'what others hear of a task', secrets: 'checkpoints that wait for a person' },
    { state: 'what this daemon remembers on disk' },
    { 'become-agent-user': 'which user this is' },
    { 'agent.config': 'what the environment says, as values' },
    { 'agent.environment': 'what the environment says' },
  ],
  'apps/checkpoint-ingest/src': [
    { main: 'the process' },
    { 'ingest.module': 'wires the parts' },
    { 'checkpoint-created.consumer': 'step 2, as a whole: decode, act, settle' },
    {
      record: 'one call, one stored checkpoint: many calls, one transaction',
      reject: 'what is never stored, and why',
    },
    { verify: 'is this what it says it is?', announce: 'step 3: what others hear of a checkpoint' },
    { 'ingest.config': 'what the environment says', metrics: 'what is counted' },
  ],
  'apps/patch-store/src': [
    { main: 'the process' },
    { 'patch-store.app': 'the HTTP server' },
    { 'patch-store.module': 'wires the parts' },
    { checkpoints: 'what was stored, and its files' },
    {
      tasks: 'step 4: tasks, asked for and resumed',
      patches: 'what can be restored, and its bytes',
      conversations: 'what agents wrote, and its bytes',
      daemons: 'who is alive',
      'dead-letters': 'what could not be taken',
      tokens: 'tokens for this API: made, listed, revoked',
      events: 'what happens, as a stream',
    },
    { 'patch-store.config': 'what the environment says' },
    { http: 'how HTTP is answered', metrics: 'what is counted' },
  ],
  'apps/janitor/src': [
    { main: 'the process' },
    { 'janitor.app': 'the process, without its end' },
    { 'janitor.module': 'wires the parts' },
    { 'sweep-loop': 'when to sweep', sweeps: 'a file a sweep' },
    { sweep: 'what a sweep is', 'janitor.config': 'what the environment says', metrics: 'what is counted' },
  ],
  'apps/cli/src': [
    { main: 'the process' },
    { program: 'the list of commands' },
    { commands: 'a folder for each group of commands, with the screens they show' },
    { find: 'from what people type to what is meant', cells: 'parts of screens that commands share' },
    { shell: 'what every command needs of its terminal and server' },
    { settings: 'which server, and why', output: 'how anything is printed' },
    { errors: 'what people are told, and the exit code' },
  ],
  'apps/cli/src/commands': [
    {
      watch: 'watch',
      restore: 'restore',
      doctor: 'doctor',
      hold: 'hold',
      demo: 'demo',
      up: 'up and migrate',
      completion: 'completion',
      checkpoints: 'log, show, checkpoint',
    },
    { tasks: 'run, status, tasks, resume, stop' },
    { operate: 'events, daemons, dead letters' },
  ],
};

const within = (house, names) =>
  `^${house}/(?:${names.map((name) => name.replaceAll('.', '\\.')).join('|')})(?:/|\\.ts$)`;

/**
 * Rules for dependency-cruiser: one for each room, and one for each house, whose every file lies in a room.
 */
export const roomRules = Object.entries(houses).flatMap(([house, floors]) => {
  const below = (floor) => floors.slice(floor + 1).flatMap(Object.keys);
  const rooms = floors.flatMap((floor, level) =>
    Object.entries(floor).map(([room, purpose]) => ({
      name: `${house.replace('/src', '')}-${room}-imports-only-rooms-below`.replaceAll('/', '-'),
      comment: `${house}/${room} is for: ${purpose}. It may import ${below(level).join(', ') || 'no other room'}. Move the code down, or pass it in.`,
      severity: 'error',
      from: { path: within(house, [room]), pathNot: '\\.spec\\.ts$' },
      to: { path: `^${house}/`, pathNot: within(house, [room, ...below(level)]) },
    })),
  );
  const everyRoom = floors.flatMap(Object.keys);
  return rooms.concat({
    name: `${house.replace('/src', '')}-has-a-room-for-every-file`.replaceAll('/', '-'),
    comment: `This file lies in no room of ${house}. Move it into one, or give it a floor in scripts/checks/rooms.mjs.`,
    severity: 'error',
    from: { path: `^${house}/`, pathNot: [within(house, everyRoom), '\\.spec\\.ts$'] },
    to: {},
  });
});
