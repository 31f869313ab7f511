import { describe, expect, it } from '@jest/globals';
import { parseConfig } from './config-file.js';
import type { RunningStack } from './running-stacks.js';
import { decideSettings, type SettingsSources } from './settings.js';

const running = (server: string): RunningStack => ({
  owner: { pid: 1, startedAt: '1' },
  server,
  natsUrl: 'nats://127.0.0.1:1',
  databaseUrl: 'postgresql://x',
  dataDir: `/data/${server}`,
});
const decide = (sources: Partial<SettingsSources>) =>
  decideSettings({ flags: {}, variables: {}, file: {}, running: [], ...sources });

describe('the server that is talked to', () => {
  const all = {
    flags: { server: 'http://flag' },
    variables: { PATCHPOINT_SERVER: 'http://variable' },
    file: { server: 'http://file' },
    running: [running('http://up')],
  };

  it('is the first of flag, variable, config file and the one that runs here', () => {
    expect(decide(all).server).toBe('http://flag');
    expect(decide({ ...all, flags: {} }).server).toBe('http://variable');
    expect(decide({ file: all.file, running: all.running }).server).toBe('http://file');
    expect(decide({ running: all.running }).server).toBe('http://up');
  });

  it('has to be named when none runs, or several do', () => {
    expect(() => decide({})).toThrow(expect.objectContaining({ code: 'NO_SERVER', exitCode: 4 }));
    const several = [running('http://a'), running('http://b')];
    expect(() => decide({ running: several })).toThrow(/http:\/\/a[^]*http:\/\/b/);
  });

  it('is never sent the token of another', () => {
    const file = { server: 'https://file', token: 'secret' };
    expect(decide({ file }).token).toBe('secret');
    expect(decide({ file, flags: { server: 'https://file/' } }).token).toBe('secret');
    expect(decide({ file, flags: { server: 'https://other' } }).token).toBeUndefined();
    expect(decide({ file, variables: { PATCHPOINT_API_TOKEN: 'own' } }).token).toBe('own');
  });

  it('is sent the token of its own data folder, and of no other', () => {
    const own = { ...running('http://up'), apiTokenFile: '/data/credentials/api-token' };
    const tokenFile = own.apiTokenFile;
    expect(decide({ running: [own] })).toMatchObject({ tokenFile, tokenFrom: tokenFile });
    expect(decide({ running: [own], flags: { server: 'http://up/' } })).toMatchObject({ tokenFile });
    expect(decide({ running: [own], flags: { server: 'http://other' } }).tokenFile).toBeUndefined();
    const named = decide({ running: [own], variables: { PATCHPOINT_API_TOKEN: 'named' } });
    expect(named).toMatchObject({ token: 'named', tokenFrom: 'PATCHPOINT_API_TOKEN' });
    expect(named.tokenFile).toBeUndefined();
  });

  it('is an address without a password, which no message repeats', () => {
    const wrong = () => decide({ flags: { server: 'http://me:s3cret@up' } });
    expect(wrong).toThrow(/--server holds a password/);
    expect(wrong).not.toThrow(/s3cret/);
  });

  it('is an address', () => {
    expect(() => decide({ flags: { server: 'ftp://x' } })).toThrow(/--server/);
  });
});

describe('the config file', () => {
  it.each([
    ['{', 'is not JSON'],
    ['[]', 'is not a JSON object'],
    ['{"servr": "x"}', 'there is no setting "servr"'],
    ['{"server": 5}', '"server" is not a string'],
  ])('%s is refused: %s', (text, reason) => {
    expect(() => parseConfig(text, '/config.json')).toThrow(`/config.json`);
    expect(() => parseConfig(text, '/config.json')).toThrow(reason);
  });
});
