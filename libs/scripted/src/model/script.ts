/** What the model does, in this order. The names of its steps, and its texts, differ from each other. */
export type Script = readonly Step[];

/** One answer of the model: a call of a tool, or a text, which ends the turn. */
export type Step = RunStep | CallStep | SayStep;

/** A shell command, with the tool that the program offers for it. */
export interface RunStep {
  readonly run: string;
  /** Part of the call's id, by which its result is recognised. Default: `step-1` for the first step, … */
  readonly name?: string;
}

/** A call of a tool that only one program has. */
export interface CallStep {
  readonly tool: string;
  /** The group of tools that it is in, for Codex: `mcp__name` for those of an MCP server. */
  readonly namespace?: string;
  /** An object; or a text, for a tool of Codex that takes free text. */
  readonly input: Readonly<Record<string, unknown>> | string;
  readonly name?: string;
}

export interface SayStep {
  readonly say: string;
}

/** A step as the model answers it. */
export type Answer =
  | { readonly say: string }
  | {
      readonly callId: string;
      readonly tool: string;
      readonly namespace?: string | undefined;
      readonly input: Readonly<Record<string, unknown>> | string;
    };
