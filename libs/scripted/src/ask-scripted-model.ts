import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Variables by which Claude Code asks a scripted model, as nobody in particular, with everything that it
 * writes below `home`.
 */
export function claudeCodeEnvironment(modelUrl: string, home: string): Record<string, string> {
  return {
    CLAUDE_CONFIG_DIR: join(home, '.claude'),
    ANTHROPIC_BASE_URL: modelUrl,
    ANTHROPIC_API_KEY: 'dummy',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_AUTOUPDATER: '1',
    // As root it refuses `bypassPermissions` otherwise.
    IS_SANDBOX: '1',
  };
}

/** As {@link claudeCodeEnvironment}, for Codex. Writes its settings there. */
export function codexEnvironment(modelUrl: string, home: string): Record<string, string> {
  const codexHome = join(home, '.codex');
  mkdirSync(codexHome, { recursive: true });
  writeFileSync(join(codexHome, 'config.toml'), codexConfig(modelUrl));
  return { CODEX_HOME: codexHome };
}

/** As {@link claudeCodeEnvironment}, for our own fake agent. */
export function fakeAgentEnvironment(modelUrl: string, home: string): Record<string, string> {
  return { FAKE_AGENT_HOME: join(home, '.fake-agent'), FAKE_AGENT_MODEL_URL: modelUrl };
}

function codexConfig(modelUrl: string): string {
  return `model = "scripted"
model_provider = "scripted"

[model_providers.scripted]
name = "scripted"
base_url = "${modelUrl}/v1"
wire_api = "responses"

# It waits 5 s for its report at the end of each run, where it cannot send it.
[analytics]
enabled = false
`;
}
