/**
 * Another user of the machine, who tries to read and to drive what somebody else runs. Started by root, it
 * becomes `nobody` first. Reads what there is to try from standard input (`Target` of `target.ts`), and
 * prints what each attempt came to: `null`, or what it got. With `--names` it prints what it would try.
 */
import { text } from 'node:stream/consumers';
import { attemptsOnFiles } from './attempts-on-files.mjs';
import { attemptsOnPorts } from './attempts-on-ports.mjs';
import { attemptsOnProcesses } from './attempts-on-processes.mjs';

const NOBODY = 65_534;

const attemptsOn = (target) => ({
  ...attemptsOnPorts(target),
  ...attemptsOnFiles(target),
  ...attemptsOnProcesses(target),
});
if (process.argv[2] === '--names') {
  process.stdout.write(JSON.stringify(Object.keys(attemptsOn({}))));
  process.exit(0);
}
const target = JSON.parse(await text(process.stdin));
process.setgroups([]);
process.setgid(NOBODY);
process.setuid(NOBODY);
if (process.geteuid() !== NOBODY || process.getgroups().includes(0)) throw new Error('I am still somebody.');

const results = {};
for (const [name, attempt] of Object.entries(attemptsOn(target))) {
  if (target.stateDir === undefined && name.includes('a running server')) continue;
  try {
    results[name] = (await attempt()) ?? null;
  } catch (error) {
    results[name] = `it broke: ${error.stack}`;
  }
}
process.stdout.write(JSON.stringify(results), () => process.exit(0));
