/**
 * A thread that looks for secrets in texts, one message at a time: `{ path, text }` is answered with the
 * rules that found one. It is a thread because rules are regular expressions of others: one that does
 * not end can only be ended from outside. It also keeps the library out of every process that only imports
 * `#git`.
 */
import { parentPort } from 'node:worker_threads';
import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';

/** With it, a comment in a file would switch the search off: whoever writes it is who we look at. */
const OBEYS_COMMENTS = '@secretlint/secretlint-rule-filter-comments';

const config = {
  rules: creator.rules
    .filter(({ meta }) => meta.id !== OBEYS_COMMENTS)
    .map((rule) => ({ id: rule.meta.id, rule })),
};

parentPort!.on('message', ({ path, text }: { path: string; text: string }) => void answer(path, text));

async function answer(path: string, text: string): Promise<void> {
  const { messages } = await lintSource({
    source: { content: text, filePath: path, contentType: 'text' },
    options: { config, noPhysicFilePath: true, maskSecrets: true },
  });
  const rules = messages.map(({ ruleId }) => ruleId.replace(/^.*secretlint-rule-/, ''));
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort!.postMessage([...new Set(rules)].sort());
}
