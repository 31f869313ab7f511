import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A program that leaves a trace whenever it is started, and fails. */
export interface Marker {
  program: string;
  /** How it was started, one line per start. */
  traces: () => string;
}

export function makeMarker(dir: string): Marker {
  const program = join(dir, 'marker.sh');
  const trace = join(dir, 'trace');
  writeFileSync(program, `#!/bin/sh\necho "$0 $*" >> ${trace}\nexit 1\n`, { mode: 0o755 });
  return { program, traces: () => (existsSync(trace) ? readFileSync(trace, 'utf8') : '') };
}
