import { describe, expect, it } from '@jest/globals';
import { sameCommand } from '../../shell/same-command.js';
import { restoreCommand } from './restore.js';

/** A command that was called so, and did nothing. */
function called(...words: string[]) {
  return restoreCommand()
    .action(() => undefined)
    .parse(words, { from: 'user' });
}

describe('the restore that is offered after one that failed', () => {
  it.each([
    [['task'], []],
    [['task@9', '--json'], ['--json']],
    [
      ['--server', 'http://a:1', 'task'],
      ['--server', 'http://a:1'],
    ],
    [
      ['task', '--server=http://a:1', '--into', 'a b', '--dry-run'],
      ['--server', 'http://a:1', '--into', 'a b', '--dry-run'],
    ],
    [
      ['task', '--path', 'a', 'b c', '--path', '-d'],
      ['--path', 'a', '--path', 'b c', '--path', '-d'],
    ],
    [
      ['task', '--at', '1h', '--into', '~'],
      ['--into', '~'],
    ],
  ])('after %j repeats %j', (typed, repeated) => {
    const offered = sameCommand(called(...typed), 'id@1', ['at']);
    expect(offered).toEqual(['patchpoint', 'restore', 'id@1', ...repeated]);
  });

  it('means the same as what was typed, for every option that restore has', () => {
    const { options } = restoreCommand();
    const typed = options
      .filter(({ long }) => long !== '--at')
      .flatMap(({ long, required }) => (required ? [long!, 'a value'] : [long!]));
    const first = called('task', ...typed);
    const [, , ...offered] = sameCommand(first, 'id@1', ['at']);
    const again = called(...offered);
    expect(again.opts()).toEqual(first.opts());
    expect(again.args).toEqual(['id@1']);
    expect(Object.keys(first.opts())).toHaveLength(options.length - 1);
  });
});
