import { runApp } from '#runtime';
import { patchStore } from './patch-store.app.js';

await runApp(patchStore);
