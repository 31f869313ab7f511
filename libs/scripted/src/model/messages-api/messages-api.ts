import { randomUUID } from 'node:crypto';
import type { Api } from '../api.js';
import { listOf, parametersOf, textOf, type Entry, type Loose } from '../conversation.js';
import type { Answer } from '../script.js';

/** Anthropic's Messages API, `POST /v1/messages`. */
export const messagesApi: Api = {
  name: 'messages',
  read: (body) => ({
    entries: listOf(body['messages']).flatMap(entriesOf),
    tools: listOf(body['tools']).map((tool) => ({
      name: String(tool['name']),
      parameters: parametersOf(tool['input_schema']),
    })),
  }),
  count: (body) => listOf(body['messages']).length,
  whole: (answer, body) => ({
    ...header(body),
    content: [blockOf(answer)],
    stop_reason: stopReason(answer),
  }),
  events: (answer, body) => [
    { type: 'message_start', message: header(body) },
    { type: 'content_block_start', index: 0, content_block: emptyBlock(answer) },
    { type: 'content_block_delta', index: 0, delta: delta(answer) },
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: stopReason(answer), stop_sequence: null },
      usage: { output_tokens: 10 },
    },
    { type: 'message_stop' },
  ],
};

function entriesOf(message: Loose): Entry[] {
  const role = String(message['role']);
  const content = message['content'];
  if (typeof content === 'string') return [{ kind: 'text', role, text: content }];
  return listOf(content).map((block) => {
    if (block['type'] === 'tool_use') {
      return { kind: 'call', role, text: JSON.stringify(block['input']), callId: String(block['id']) };
    }
    if (block['type'] === 'tool_result') {
      return {
        kind: 'result',
        role: 'tool',
        text: textOf(block['content']),
        callId: String(block['tool_use_id']),
      };
    }
    return { kind: 'text', role, text: textOf([block]) };
  });
}

function header(body: Loose): Loose {
  return {
    id: `msg_${randomUUID().replaceAll('-', '')}`,
    type: 'message',
    role: 'assistant',
    model: body['model'],
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 10, output_tokens: 1, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
  };
}

function blockOf(answer: Answer): Loose {
  return 'say' in answer
    ? { type: 'text', text: answer.say }
    : { type: 'tool_use', id: answer.callId, name: answer.tool, input: answer.input };
}

function emptyBlock(answer: Answer): Loose {
  return 'say' in answer ? { type: 'text', text: '' } : { ...blockOf(answer), input: {} };
}

function delta(answer: Answer): Loose {
  return 'say' in answer
    ? { type: 'text_delta', text: answer.say }
    : { type: 'input_json_delta', partial_json: JSON.stringify(answer.input) };
}

function stopReason(answer: Answer): string {
  return 'say' in answer ? 'end_turn' : 'tool_use';
}
