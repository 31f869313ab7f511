import type { MovedPort, Stack } from '#embedded';
import { withoutPassword } from '../../output/format.js';

/** Pure: what `patchpoint up` shows when everything is running. */
export function stackView(stack: Stack): string {
  const width = Math.max(...stack.apps.map(({ name }) => name.length));
  const lines = [
    ['Postgres', withoutPassword(stack.postgres.url)],
    ['NATS', stack.nats.url],
    ...stack.apps.map(({ name, url }) => [name, url]),
    ['data', stack.dataDir],
    ['logs', stack.runDir],
    ['token', stack.credentials?.apiTokenFile ?? 'PATCHPOINT_API_TOKEN'],
  ].map(([name = '', value]) => `  ${name.padEnd(width)}  ${value}`);
  const moved = movedPortsView(stack.movedPorts);
  return ['Patchpoint runs:', ...lines, ...moved, '', ...NEXT, '', 'Press Ctrl-C to stop.'].join('\n');
}

/** Pure: one line, or none. */
export function movedPortsView(moved: readonly MovedPort[]): string[] {
  if (moved.length === 0) return [];
  const list = moved.map(({ server, from, to }) => `${NAMES[server]} ${from} → ${to}`);
  return [`Not on the ports of the last time, which are taken: ${list.join(', ')}.`];
}

/** Pure: what a second `patchpoint up` on the same data folder says. */
export function alreadyRunsView(server: string): string {
  return `Patchpoint already runs at ${server}`;
}

const NAMES: Readonly<Record<MovedPort['server'], string>> = {
  patchStore: 'patch-store',
  nats: 'NATS',
  postgres: 'Postgres',
};

const NEXT = [
  'Next, in another terminal:',
  "  npx patchpoint run --name hello --repo new://hello --runner shell --follow -- 'echo hello > hello.txt'",
  '  npx patchpoint status',
  '  npx patchpoint restore hello --into /tmp/hello',
];
