import type { Conversation, Loose } from './conversation.js';
import type { Answer } from './script.js';

/** How one of the APIs is read and answered. */
export interface Api {
  readonly name: 'messages' | 'responses' | 'gemini';
  /** Pure: what the body of a request says. */
  read(body: Loose): Conversation;
  /** How many messages, or items, the body holds. */
  count(body: Loose): number;
  /** The body of an answer that is not streamed. */
  whole(answer: Answer, body: Loose): Loose;
  /** The same answer as events; each has its name in `type`, if they have names. */
  events(answer: Answer, body: Loose): Loose[];
}
