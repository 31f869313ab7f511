import type { Stack } from '#embedded';

/** Pure: what `patchpoint up` shows when everything is running. */
export function stackView(stack: Stack): string {
  const width = Math.max(...stack.apps.map(({ name }) => name.length));
  const lines = [
    ['Postgres', stack.postgres.url],
    ['NATS', stack.nats.url],
    ...stack.apps.map(({ name, url }) => [name, url]),
    ['data', stack.dataDir],
    ['logs', stack.runDir],
  ].map(([name = '', value]) => `  ${name.padEnd(width)}  ${value}`);
  return ['Patchpoint runs:', ...lines, '', ...NEXT, '', 'Press Ctrl-C to stop.'].join('\n');
}

const NEXT = [
  'Next, in another terminal:',
  "  npx patchpoint run --name hello --repo new://hello --runner shell --follow -- 'echo hello > hello.txt'",
  '  npx patchpoint status',
  '  npx patchpoint restore hello --into /tmp/hello',
];
