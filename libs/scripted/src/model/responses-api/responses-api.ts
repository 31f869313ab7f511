import { randomUUID } from 'node:crypto';
import type { Api } from '../api.js';
import { listOf, parametersOf, textOf, type Entry, type Loose } from '../conversation.js';
import type { Answer } from '../script.js';

/** OpenAI's Responses API, `POST /v1/responses`. */
export const responsesApi: Api = {
  name: 'responses',
  read: (body) => ({
    entries: itemsOf(body).flatMap(entriesOf),
    tools: listOf(body['tools']).map((tool) => ({
      name: String(tool['name'] ?? tool['type']),
      parameters: parametersOf(tool['parameters']),
    })),
  }),
  count: (body) => itemsOf(body).length,
  whole: (answer, body) => ({ ...header(body, 'completed'), output: [itemOf(answer)], usage }),
  events: (answer, body) => {
    const item = itemOf(answer);
    const created = header(body, 'in_progress');
    return [
      { type: 'response.created', response: created },
      { type: 'response.output_item.added', output_index: 0, item },
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response: { ...created, status: 'completed', output: [item], usage } },
    ].map((event, sequence_number) => Object.assign(event, { sequence_number }));
  },
};

const usage = {
  input_tokens: 10,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 10,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 20,
};

function itemsOf(body: Loose): Loose[] {
  const input = body['input'];
  return typeof input === 'string' ? [{ type: 'message', role: 'user', content: input }] : listOf(input);
}

function entriesOf(item: Loose): Entry[] {
  const type = String(item['type'] ?? 'message');
  const callId = String(item['call_id']);
  if (type === 'message') {
    return [{ kind: 'text', role: String(item['role']), text: textOf(item['content']) }];
  }
  if (type.endsWith('_call_output')) {
    return [{ kind: 'result', role: 'tool', text: outputOf(item['output']), callId }];
  }
  if (type.endsWith('_call')) {
    const text = item['arguments'] ?? item['input'] ?? item['action'];
    return [
      {
        kind: 'call',
        role: 'assistant',
        text: typeof text === 'string' ? text : JSON.stringify(text),
        callId,
      },
    ];
  }
  return [];
}

/** A text, a list of blocks, or an object with one of them in `content`. */
function outputOf(output: unknown): string {
  return textOf(output) || textOf((output as Loose | null)?.['content']);
}

function header(body: Loose, status: string): Loose {
  return {
    id: `resp_${randomUUID().replaceAll('-', '')}`,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    model: body['model'],
    status,
    output: [],
  };
}

function itemOf(answer: Answer): Loose {
  const id = randomUUID().replaceAll('-', '');
  if ('say' in answer) {
    const content = [{ type: 'output_text', text: answer.say, annotations: [] }];
    return { type: 'message', id: `msg_${id}`, role: 'assistant', status: 'completed', content };
  }
  const { callId: call_id, tool: name, namespace, input } = answer;
  return typeof input === 'string'
    ? { type: 'custom_tool_call', id: `ctc_${id}`, call_id, name, input, status: 'completed' }
    : {
        type: 'function_call',
        id: `fc_${id}`,
        call_id,
        name,
        namespace,
        arguments: JSON.stringify(input),
        status: 'completed',
      };
}
