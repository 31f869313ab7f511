/** What a request says to the model, whichever API it speaks. */
export interface Conversation {
  /** In order. The system prompt is not part of it. */
  readonly entries: readonly Entry[];
  /** The tools that the program offers, by name. */
  readonly tools: readonly Tool[];
}

/** A text, a call of a tool, or what it resulted in: a block of Anthropic's API, an item of OpenAI's. */
export interface Entry {
  readonly kind: 'text' | 'call' | 'result';
  /** `user`, `assistant`, … as the API has it; `tool` for a result. */
  readonly role: string;
  /** The text, the input of the call as JSON, or the output of the tool. */
  readonly text: string;
  /** Ties a result to its call. */
  readonly callId?: string;
}

export interface Tool {
  readonly name: string;
  /** The names of its parameters; none for a tool that takes free text. */
  readonly parameters: readonly string[];
}

/** A piece of JSON that we did not write: any field may be missing. */
export type Loose = Record<string, unknown>;

/** Whatever it is, as a list of objects. */
export function listOf(value: unknown): Loose[] {
  return Array.isArray(value)
    ? value.filter((each): each is Loose => each !== null && typeof each === 'object')
    : [];
}

/** The text of a string, or of a list of blocks that have a `text`. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return listOf(value)
    .map(({ text }) => text)
    .filter((text) => typeof text === 'string')
    .join('\n');
}

/** The parameters that a JSON schema names. */
export function parametersOf(schema: unknown): string[] {
  return Object.keys(((schema as Loose | undefined)?.['properties'] as Loose | undefined) ?? {});
}
