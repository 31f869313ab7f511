import type { Api } from '../api.js';
import { listOf, parametersOf, type Entry, type Loose } from '../conversation.js';
import type { Answer } from '../script.js';

/** Google's Gemini API, `POST /v1beta/models/MODEL:generateContent` and `:streamGenerateContent`. */
export const geminiApi: Api = {
  name: 'gemini',
  read: (body) => ({
    entries: listOf(body['contents']).flatMap(entriesOf),
    tools: listOf(body['tools'])
      .flatMap((tool) => listOf(tool['functionDeclarations']))
      .map((tool) => ({
        name: String(tool['name']),
        parameters: parametersOf(tool['parametersJsonSchema'] ?? tool['parameters']),
      })),
  }),
  count: (body) => listOf(body['contents']).length,
  whole: answered,
  events: (answer) => [answered(answer)],
};

function entriesOf(content: Loose): Entry[] {
  const role = content['role'] === 'model' ? 'assistant' : 'user';
  return listOf(content['parts']).map((part) => {
    const call = part['functionCall'] as Loose | undefined;
    if (call) {
      return { kind: 'call', role, text: JSON.stringify(call['args']), callId: String(call['id']) };
    }
    const result = part['functionResponse'] as Loose | undefined;
    if (result === undefined) return { kind: 'text', role, text: String(part['text'] ?? '') };
    const { output, error } = (result['response'] ?? {}) as Loose;
    return { kind: 'result', role: 'tool', text: String(output ?? error), callId: String(result['id']) };
  });
}

function answered(answer: Answer): Loose {
  const part =
    'say' in answer
      ? { text: answer.say }
      : { functionCall: { id: answer.callId, name: answer.tool, args: answer.input } };
  return {
    candidates: [{ index: 0, content: { role: 'model', parts: [part] }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 10, totalTokenCount: 20 },
  };
}
