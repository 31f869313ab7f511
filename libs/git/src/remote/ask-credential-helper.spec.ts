import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { askCredentialHelper } from './ask-credential-helper.js';
import { makeMarker } from '../../testing/marker.js';
import { makeTempDir } from '../../testing/repositories.js';

describe("the credentials that a person's own git knows", () => {
  const outerEnvironment = { ...process.env };
  let dir: string;
  let remove: () => void;
  beforeEach(() => {
    ({ dir, remove } = makeTempDir());
    Object.assign(process.env, { HOME: dir, XDG_CONFIG_HOME: dir });
  });
  afterEach(() => {
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, outerEnvironment);
    remove();
  });

  it('come from the helper that is configured', async () => {
    const helper = '!f() { echo username=ada; echo password=a=b; }; f';
    writeFileSync(join(dir, '.gitconfig'), `[credential "https://host.invalid"]\n\thelper = "${helper}"\n`);
    const known = { username: 'ada', password: 'a=b' };
    expect(await askCredentialHelper('https://host.invalid/repo.git')).toEqual(known);
  });

  it('are none where no helper knows any, and nobody is asked', async () => {
    const { program, traces } = makeMarker(dir);
    const helper = `!env > ${dir}/told #`;
    const config = `[core]\n\taskPass = ${program}\n[credential]\n\thelper = "${helper}"\n`;
    writeFileSync(join(dir, '.gitconfig'), config);
    Object.assign(process.env, { GIT_ASKPASS: program, SSH_ASKPASS: program });
    expect(await askCredentialHelper('https://host.invalid/repo.git')).toBeUndefined();
    expect(await askCredentialHelper('ssh://git@host.invalid/repo.git')).toBeUndefined();
    expect(traces()).toBe('');
    expect(readFileSync(join(dir, 'told'), 'utf8')).toContain('GIT_TERMINAL_PROMPT=0\n');
  });
});
