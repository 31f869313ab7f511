import { runApp } from '#runtime';
import { janitor } from './janitor.app.js';

await runApp(janitor);
