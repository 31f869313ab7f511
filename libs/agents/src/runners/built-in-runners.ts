import type { Runner } from './runner.js';

const GEMINI_PASSES_ON = [
  'settings.json',
  'oauth_creds.json',
  'google_accounts.json',
  'gemini-credentials.json',
  'installation_id',
  '.env',
  'GEMINI.md',
  'agents',
  'commands',
  'extensions',
  'policies',
  'skills',
];

const OPENCODE = ['opencode', 'run', '--format', 'json'];

/**
 * Where opencode would ask, it refuses and ends the turn with exit code 0; what is denied is an error for its
 * model, which goes on. What the daemon hands over lies outside of the worktree.
 */
const OPENCODE_OUTSIDE = {
  external_directory: { '*': 'deny', '{handoverDir}/*': 'allow' },
  doom_loop: 'deny',
};

/** What the daemon hands over lies outside of the worktree, where its tools read and write nothing else. */
const GEMINI = [
  'gemini',
  '--skip-trust',
  '--output-format',
  'stream-json',
  '--include-directories',
  '{handoverDir}',
];

const CLAUDE = ['claude', '--print', '--verbose', '--output-format', 'stream-json'];

/*
 * Each as the program was seen to work unattended: Claude Code 2.1, Codex 0.171, opencode 1.18,
 * gemini-cli 0.61
 * (docs/agents-tried.md).
 *
 * A conversation is continued by its id, never as "the newest": a program that does not find that one starts
 * over, and says nothing.
 */
export const BUILT_IN_RUNNERS: Readonly<Record<string, Runner>> = {
  'claude-code': {
    start: [...CLAUDE, '--session-id', '{sessionId}', '{permissions}', '{hooks}', '{mcp}'],
    byHand: ['claude', '--resume', '{sessionId}'],
    continue: [...CLAUDE, '--resume', '{sessionId}', '{permissions}', '{hooks}', '{mcp}'],
    fork: [
      ...CLAUDE,
      '--resume',
      '{forkedSessionId}',
      '--fork-session',
      '--session-id',
      '{sessionId}',
      '{permissions}',
      '{hooks}',
      '{mcp}',
    ],
    stdin: 'prompt',
    permissions: {
      worktree: ['--permission-mode', 'acceptEdits', '--allowedTools', 'Bash'],
      full: ['--permission-mode', 'bypassPermissions'],
      'ask-nothing': ['--permission-mode', 'dontAsk'],
    },
    // As root it refuses to act without limits, unless it is told that it is in a sandbox (seen with
    // 2.1.332).
    permissionsEnvironment: { full: { IS_SANDBOX: '1' } },
    hooks: 'claude-code',
    mcp: 'claude-code',
    inherits: [
      'ANTHROPIC_*',
      'CLAUDE_*',
      'API_TIMEOUT_MS',
      'DISABLE_*',
      'IS_SANDBOX',
      'BASH_DEFAULT_TIMEOUT_MS',
      'BASH_MAX_TIMEOUT_MS',
      'BASH_MAX_OUTPUT_LENGTH',
      'MAX_THINKING_TOKENS',
      'MAX_MCP_OUTPUT_TOKENS',
      'MCP_TIMEOUT',
      'MCP_TOOL_TIMEOUT',
    ],
    session: { id: 'given' },
    conversation: {
      variable: 'CLAUDE_CONFIG_DIR',
      usual: '~/.claude',
      passOn: ['.credentials.json', 'settings.json', 'CLAUDE.md', 'agents', 'commands', 'skills', 'plugins'],
      files: ['projects/{cwdSlug}/{sessionId}.jsonl', 'projects/{cwdSlug}/{sessionId}/subagents/*'],
    },
  },
  codex: {
    start: ['codex', 'exec', '--json', '{permissions}', '{hooks}', '{mcp}', '-'],
    byHand: ['codex', 'resume', '{sessionId}'],
    continue: ['codex', 'exec', 'resume', '--json', '{permissions}', '{hooks}', '{mcp}', '{sessionId}', '-'],
    fork: ['codex', 'exec', 'fork', '--json', '{permissions}', '{hooks}', '{mcp}', '{forkedSessionId}', '-'],
    stdin: 'prompt',
    permissions: {
      worktree: [
        '-c',
        'sandbox_mode="workspace-write"',
        '-c',
        // Without it, the agent cannot commit: the repository lies beside the worktree.
        'sandbox_workspace_write.writable_roots=["{gitDir}"]',
      ],
      full: ['--dangerously-bypass-approvals-and-sandbox'],
      'ask-nothing': ['-c', 'sandbox_mode="read-only"'],
    },
    hooks: 'codex',
    mcp: 'codex',
    inherits: ['OPENAI_*', 'CODEX_*'],
    session: { id: 'learned', lineType: 'thread.started', lineField: 'thread_id' },
    conversation: {
      variable: 'CODEX_HOME',
      usual: '~/.codex',
      passOn: ['auth.json', 'config.toml', 'AGENTS.md', 'prompts', 'rules', 'skills'],
      files: ['sessions/**/rollout-*-{sessionId}.jsonl', 'sessions/**/rollout-*.jsonl'],
    },
  },
  opencode: {
    start: [...OPENCODE, '{permissions}'],
    byHand: ['opencode', '--session', '{sessionId}'],
    continue: [...OPENCODE, '--session', '{sessionId}', '{permissions}'],
    stdin: 'prompt',
    permissions: { worktree: ['--auto'], full: ['--auto'], 'ask-nothing': [] },
    permissionsEnvironment: {
      worktree: { OPENCODE_PERMISSION: JSON.stringify(OPENCODE_OUTSIDE) },
      'ask-nothing': {
        OPENCODE_PERMISSION: JSON.stringify({ edit: 'deny', bash: 'deny', ...OPENCODE_OUTSIDE }),
      },
    },
    inherits: [
      'OPENCODE_*',
      'ANTHROPIC_*',
      'OPENAI_*',
      'OPENROUTER_*',
      'GEMINI_API_KEY',
      'GOOGLE_GENERATIVE_AI_API_KEY',
      'GROQ_API_KEY',
      'XAI_API_KEY',
      'MISTRAL_API_KEY',
      'DEEPSEEK_API_KEY',
      'XDG_CONFIG_HOME',
      'XDG_CACHE_HOME',
      'XDG_STATE_HOME',
    ],
    session: { id: 'learned', lineType: 'step_start', lineField: 'sessionID' },
    conversation: {
      variable: 'XDG_DATA_HOME',
      usual: '~/.local/share',
      // Other programs have theirs in that folder too.
      passOn: ['opencode/auth.json', 'opencode/mcp-auth.json', 'opencode/bin', '*'],
      commands: {
        export: ['opencode', 'export', '{sessionId}'],
        import: ['opencode', 'import', '{file}'],
      },
    },
  },
  'gemini-cli': {
    start: [...GEMINI, '--session-id', '{sessionId}', '{permissions}'],
    continue: [...GEMINI, '--resume', '{sessionId}', '{permissions}'],
    stdin: 'prompt',
    permissions: {
      worktree: ['--approval-mode', 'yolo'],
      full: ['--approval-mode', 'yolo'],
      // Where nobody answers, it has no tool that would have to ask.
      'ask-nothing': ['--approval-mode', 'default'],
    },
    inherits: [
      'GEMINI_*',
      'GOOGLE_API_KEY',
      'GOOGLE_GEMINI_*',
      'GOOGLE_GENAI_*',
      'GOOGLE_CLOUD_PROJECT',
      'GOOGLE_CLOUD_LOCATION',
    ],
    session: { id: 'given' },
    conversation: {
      variable: 'GEMINI_CLI_HOME',
      usual: '~',
      passOn: GEMINI_PASSES_ON.map((name) => `.gemini/${name}`),
      // Below the name of the working directory, which a task has on every daemon. Other files there are of
      // the directory, and bound to its path.
      files: ['.gemini/tmp/*/chats/session-*.jsonl'],
    },
  },
  shell: { start: ['sh', '{planFile}'], stdin: 'nothing' },
};
