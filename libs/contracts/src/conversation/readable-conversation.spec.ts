import { describe, expect, it } from '@jest/globals';
import { readableLine } from './readable-conversation.js';

const said = (role: string, content: unknown): string =>
  readableLine(JSON.stringify({ type: role, message: { role, content } }));
const item = (payload: object): string => readableLine(JSON.stringify({ type: 'response_item', payload }));

describe('a line of a transcript, as text', () => {
  it('says who said what', () => {
    expect(said('user', 'Do it.')).toBe('## user\n\nDo it.\n\n');
    expect(said('assistant', [{ type: 'text', text: 'Done.' }])).toBe('## assistant\n\nDone.\n\n');
    expect(item({ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Do it.' }] })).toBe(
      '## user\n\nDo it.\n\n',
    );
  });

  it('quotes calls of tools and their results', () => {
    expect(said('assistant', [{ type: 'tool_use', name: 'Bash', input: { command: 'ls' } }])).toBe(
      '> **Bash** {"command":"ls"}\n\n',
    );
    expect(said('user', [{ type: 'tool_result', content: 'a\nb' }])).toBe('> a\n> b\n\n');
    expect(item({ type: 'function_call', name: 'exec', arguments: '{}' })).toBe('> **exec** {}\n\n');
    expect(item({ type: 'function_call_output', output: 'a' })).toBe('> a\n\n');
  });

  it('reads a message of an export, with a comma or without', () => {
    const tool = { type: 'tool', tool: 'bash', state: { input: { command: 'ls' }, output: 'a' } };
    const parts = [{ type: 'step-start' }, { type: 'text', text: 'Look.' }, tool];
    const line = JSON.stringify({ info: { role: 'assistant' }, parts });
    const text = '## assistant\n\nLook.\n\n> **bash** {"command":"ls"}\n\n> a\n\n';
    expect([readableLine(line), readableLine(`${line},`)]).toEqual([text, text]);
  });

  it('reads what gemini-cli wrote', () => {
    const line = (type: string, content: unknown, more = {}) =>
      readableLine(JSON.stringify({ type, content, ...more }));
    expect(line('user', [{ text: 'Do it.\n' }])).toBe('## user\n\nDo it.\n\n');
    const toolCalls = [{ name: 'run_shell_command', args: { command: 'ls' } }];
    expect(line('gemini', '', { toolCalls })).toBe('> **run_shell_command** {"command":"ls"}\n\n');
    expect(line('user', [{ functionResponse: { response: { output: 'a' } } }])).toBe('> a\n\n');
    expect(line('gemini', 'Done.')).toBe('## assistant\n\nDone.\n\n');
  });

  it('shortens what a tool printed', () => {
    expect(said('user', [{ type: 'tool_result', content: 'x'.repeat(9000) }]).length).toBeLessThan(2100);
  });

  it('holds nothing that a terminal acts upon', () => {
    const text = said('assistant', 'a\u001b[31mred\u001b]0;title\u0007 \u202eturned\r\u009b1m\tb');
    expect(text).not.toMatch(/(?![\n\t])[\p{Cc}\p{Bidi_Control}]/u);
    expect(text).toContain('\tb');
  });

  it.each([
    'not json',
    'null',
    '[]',
    '5',
    '{}',
    '{"message": 5}',
    '{"message": {"role": 5}}',
    '{"payload": null}',
  ])('is nothing for %s', (line) => expect(readableLine(line)).toBe(''));
});
