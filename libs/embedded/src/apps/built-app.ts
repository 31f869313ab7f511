import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EmbeddedError } from '../embedded-error.js';
import type { AppName } from './app-name.js';

/**
 * The compiled entry file of an app. Apps always run compiled, even if a test runs the sources of this lib.
 */
export function builtApp(app: AppName): string {
  const file = join(packageRoot(), 'dist', 'apps', app, 'src', 'main.js');
  if (!existsSync(file)) {
    throw new EmbeddedError(`Cannot start ${app}: ${file} does not exist. Build it with \`npm run build\`.`);
  }
  return file;
}

function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}
