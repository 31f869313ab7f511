import type { Finding } from './finding.js';
import { oneLine } from '../../output/format.js';
import type { Look } from '../../output/output.js';
import type { Paint } from '../../output/paint.js';

/** Pure: `patchpoint doctor`. */
export function doctorView({ findings }: { findings: readonly Finding[] }, { paint }: Look): string {
  const width = Math.max(...findings.map(({ what }) => what.length));
  return findings
    .flatMap(({ what, status, found, fix }) => [
      `${mark(status, paint)} ${what.padEnd(width)}  ${oneLine(found)}`,
      ...(fix === null ? [] : [`  ${' '.repeat(width)}  ${paint('bold', fix)}`]),
    ])
    .join('\n');
}

function mark(status: Finding['status'], paint: Paint): string {
  switch (status) {
    case 'ok':
      return paint('green', '✓');
    case 'warning':
      return paint('yellow', '!');
    case 'problem':
      return paint('red', '✗');
    case 'skipped':
      return paint('dim', '–');
  }
}
