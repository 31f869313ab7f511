import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The compiled `main` of the fake agent, to be run with Node. It is there after a build. */
export function fakeAgentProgram(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) folder = dirname(folder);
  return join(folder, 'dist', 'libs', 'scripted', 'src', 'fake-agent', 'main.js');
}
