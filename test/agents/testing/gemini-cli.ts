import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ScriptedModel } from '#scripted';

/**
 * What gemini-cli needs to ask a scripted model, with everything that it writes below `home`. Writes its
 * settings there.
 */
export function geminiCliEnvironment(model: ScriptedModel, home: string): Record<string, string> {
  mkdirSync(join(home, '.gemini'), { recursive: true });
  writeFileSync(
    join(home, '.gemini/settings.json'),
    JSON.stringify({
      security: { auth: { selectedType: 'gemini-api-key' } },
      privacy: { usageStatisticsEnabled: false },
      general: { enableAutoUpdate: false },
    }),
  );
  return {
    HOME: home,
    GEMINI_API_KEY: 'dummy',
    GOOGLE_GEMINI_BASE_URL: model.url,
    // It asks a model which model to ask otherwise, for two minutes, since ours does not say.
    GEMINI_MODEL: 'gemini-2.5-pro',
  };
}
