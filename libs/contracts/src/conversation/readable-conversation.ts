import { harmless } from '../text/harmless.js';

/** Of a tool's call or its result: more is cut, since people read what was done and not all of its output. */
const MAX_TOOL_CHARACTERS = 2000;

type Json = Record<string, unknown>;

/**
 * Pure: one line of a program's transcript as Markdown; empty for a line that says nothing to people, or that
 * no known program writes.
 *
 * Control characters and those that turn the reading direction become U+FFFD.
 *
 * Knows the lines of Claude Code (`{type, message: {role, content}}`) and of Codex (`{type: 'response_item',
 * payload}`), whose content is a text, or a list of texts, tool calls and results; those of an export of
 * opencode (`{info: {role}, parts}`); and those of gemini-cli (`{type, content, toolCalls}`). (As their
 * versions 2.1, 0.171, 1.18 and 0.61 write them.)
 */
export function readableLine(line: string): string {
  return harmless(textOfEntry(parsed(line)));
}

function textOfEntry(entry: Json | undefined): string {
  if (isObject(entry?.['info']) && Array.isArray(entry['parts'])) {
    return said(entry['info']['role'], exportedParts(entry['parts'].filter(isObject)));
  }
  if (isObject(entry) && 'content' in entry && (entry['type'] === 'user' || entry['type'] === 'gemini')) {
    const role = entry['type'] === 'user' ? 'user' : 'assistant';
    return said(role, [...contentParts(entry['content']), ...geminiCalls(entry['toolCalls'])]);
  }
  const message = isObject(entry?.['message']) ? entry['message'] : entry?.['payload'];
  if (!isObject(message)) return '';
  const { role, type } = message;
  if (type === 'function_call' || type === 'custom_tool_call' || type === 'local_shell_call') {
    return called(message['name'] ?? 'shell', message['arguments'] ?? message['input'] ?? message['action']);
  }
  if (type === 'function_call_output' || type === 'custom_tool_call_output') return result(message['output']);
  if (role === 'developer' || role === 'system') return '';
  return said(role, contentParts(message['content']));
}

function said(role: unknown, parts: readonly string[]): string {
  const told = parts.filter(Boolean);
  const text = told.join('\n\n');
  if (text === '' || typeof role !== 'string') return '';
  return told.every((part) => part.startsWith('> ')) ? `${text}\n\n` : `## ${role}\n\n${text}\n\n`;
}

/** A call and its result are one part. */
function exportedParts(parts: readonly Json[]): string[] {
  return parts.flatMap((part) => {
    if (part['type'] === 'text' && typeof part['text'] === 'string') return part['text'].trim();
    const state = part['state'];
    if (part['type'] !== 'tool' || !isObject(state)) return [];
    const call = called(part['tool'], state['input']).trim();
    return state['output'] === undefined ? call : [call, result(state['output']).trim()];
  });
}

/** Their results are lines of their own. */
function geminiCalls(calls: unknown): string[] {
  if (!Array.isArray(calls)) return [];
  return calls.filter(isObject).map((call) => called(call['name'], call['args']).trim());
}

function contentParts(content: unknown): string[] {
  if (typeof content === 'string') return [content.trim()];
  if (!Array.isArray(content)) return [];
  return content.filter(isObject).map((part) => {
    if (typeof part['text'] === 'string') return part['text'].trim();
    if (part['type'] === 'tool_use') return called(part['name'], part['input']).trim();
    if (part['type'] === 'tool_result') return result(part['content']).trim();
    const response = isObject(part['functionResponse']) ? part['functionResponse']['response'] : undefined;
    if (isObject(response)) return result(response['output'] ?? response['error']).trim();
    return '';
  });
}

function called(name: unknown, input: unknown): string {
  return `${quoted(`**${String(name)}** ${textOf(input)}`)}\n\n`;
}

function result(output: unknown): string {
  return `${quoted(textOf(output))}\n\n`;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((part) => isObject(part) && typeof part['text'] === 'string')) {
    return value.map((part: Json) => part['text']).join('\n');
  }
  return JSON.stringify(value) ?? '';
}

function quoted(text: string): string {
  const short =
    text.length > MAX_TOOL_CHARACTERS ? `${text.slice(0, MAX_TOOL_CHARACTERS)} … (shortened)` : text;
  return short
    .trim()
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');
}

function parsed(line: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(line.replace(/,$/, '')); // an element of a list
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
