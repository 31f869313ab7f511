import type { Message } from './transcript.js';

const tools = [
  {
    name: 'run',
    description: 'Runs a shell command in the working directory.',
    input_schema: { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] },
  },
];

/**
 * Sends the whole conversation, as every such program does, and resolves to the answer.
 *
 * @throws Error when the model cannot be reached, or answers with an error
 */
export async function askModel(
  url: string,
  sessionId: string,
  messages: readonly Message[],
): Promise<Message> {
  const response = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-claude-code-session-id': sessionId },
    body: JSON.stringify({ model: 'scripted', max_tokens: 1024, messages, tools }),
  });
  if (!response.ok) throw new Error(`API Error: ${response.status} ${await response.text()}`);
  const { content } = (await response.json()) as Pick<Message, 'content'>;
  return { role: 'assistant', content };
}
