import { readFileSync } from 'node:fs';
import { SetUpError } from './set-up-error.mjs';

/** Refuses a Node that is older than package.json's `engines` asks for. */
export function checkNodeVersion() {
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8'));
  const [neededMajor, neededMinor] = numbersOf(engines.node);
  const [major, minor] = numbersOf(process.versions.node);
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return;
  throw new SetUpError(
    `Patchpoint needs Node ${engines.node}; this is ${process.versions.node}. Install a newer one: https://nodejs.org.`,
  );
}

function numbersOf(version) {
  return version.match(/\d+/g).map(Number);
}
