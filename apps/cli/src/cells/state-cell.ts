import type { TaskState } from '#contracts';
import type { Paint } from '../output/paint.js';

/** Pure: a state in its colour. */
export function stateCell(state: TaskState, paint: Paint): string {
  switch (state) {
    case 'running':
    case 'completed':
      return paint('green', state);
    case 'failed':
    case 'lost':
      return paint('red', state);
    default:
      return paint('yellow', state);
  }
}
