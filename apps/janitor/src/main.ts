/**
 * Sweeps: what has expired, who has died, what is stuck. Any number run concurrently; each item is handled
 * once.
 *
 *   every interval: for each sweep: lock some rows that are free → settle them → until none is left
 */
import { runApp } from '#runtime';
import { janitor } from './janitor.app.js';

await runApp(janitor);
