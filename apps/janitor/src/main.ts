/**
 * Sweeps: what has expired, who has died, what is stuck. Any number run at once; each thing is swept once.
 *
 *   every interval: for each sweep: lock some rows that nobody else has → settle them → until none is left
 */
import { runApp } from '#runtime';
import { janitor } from './janitor.app.js';

await runApp(janitor);
