import { lstat } from 'node:fs/promises';
import { homedir } from 'node:os';
import {
  cwdSlugOf,
  fillPlaceholders,
  hasConversation,
  loadRunners,
  pathHere,
  placeConversation,
  type ConversationHome,
  type ConversationPlace,
  type Runner,
} from '#agents';
import type { PatchStoreClient } from '#client';
import type { CheckpointView, Conversation } from '#contracts';

/** What became of the conversation of a restored checkpoint. */
export interface RestoredConversation {
  sessionId: string | null;
  linesCount: number | null;
  /** The words of the command that goes on with it, in the restored folder. Null: it was not placed. */
  command: string[] | null;
  /** Why it was not placed. */
  problem: string | null;
}

/**
 * Places the conversation of a checkpoint in the home that the person's own program reads, for the folder
 * that was just restored. Nothing that is there is changed: a conversation of that id may have gone on.
 *
 * @param environment where `PATCHPOINT_RUNNERS_FILE` names the runners that are not built in
 */
export async function restoreConversation(
  client: PatchStoreClient,
  { taskId, number, conversation }: CheckpointView,
  worktreeDir: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<RestoredConversation> {
  if (conversation === null) return notPlaced(null, `checkpoint ${number} has no conversation`);
  const { runner: name, sessionId, linesCount } = conversation;
  const found = findPlaceable(name, environment['PATCHPOINT_RUNNERS_FILE']);
  if ('problem' in found) return notPlaced(conversation, found.problem);
  const { rule, byHand } = found;
  const home =
    environment[rule.variable] || rule.usual.replace(/^~(?=\/|$)/, environment['HOME'] ?? homedir());
  const place: ConversationPlace = {
    home,
    sessionId,
    cwdSlug: await cwdSlugOf(worktreeDir),
    worktreeDir,
    environment: { ...(environment as Record<string, string>), [rule.variable]: home },
  };
  const taken = await findTaken(conversation, rule, place);
  if (taken !== undefined) return notPlaced(conversation, `${taken} exists, and is left as it is`);
  const files = new Map<string, Promise<Buffer>>();
  const read = async (path: string, offset: number): Promise<Buffer> => {
    if (!files.has(path)) files.set(path, client.conversationFile(taskId, number, path));
    return (await files.get(path)!).subarray(offset);
  };
  try {
    await placeConversation(conversation, rule, place, read);
  } catch (error) {
    return notPlaced(conversation, (error as Error).message);
  }
  const command = byHand.map((word) => fillPlaceholders(word, { sessionId }));
  return { sessionId, linesCount, command, problem: null };
}

/** Where the program of a runner keeps its conversations, and how a person goes on with one. */
function findPlaceable(
  name: string,
  runnersFile: string | undefined,
): { rule: ConversationHome; byHand: string[] } | { problem: string } {
  let runner: Runner | undefined;
  try {
    runner = loadRunners(runnersFile || undefined).get(name);
  } catch (error) {
    return { problem: (error as Error).message };
  }
  if (runner?.conversation !== undefined && runner.byHand !== undefined) {
    return { rule: runner.conversation, byHand: runner.byHand };
  }
  const whose = `it is one of the runner "${name}"`;
  if (runner !== undefined) {
    return {
      problem: `${whose}, which does not say where that keeps it (conversation) and how a person goes on (byHand)`,
    };
  }
  return {
    problem: `${whose}, which is not built in; name the daemons' file of runners in PATCHPOINT_RUNNERS_FILE`,
  };
}

async function findTaken(
  { files, sessionId }: Conversation,
  { commands }: ConversationHome,
  place: ConversationPlace,
): Promise<string | undefined> {
  if (commands !== undefined) {
    return (await hasConversation(commands, place)) ? `a conversation ${sessionId}` : undefined;
  }
  for (const { path } of files) {
    const here = pathHere(path, place);
    const exists = await lstat(here).then(
      () => true,
      () => false,
    );
    if (exists) return here;
  }
  return undefined;
}

function notPlaced(conversation: Conversation | null, problem: string): RestoredConversation {
  const { sessionId = null, linesCount = null } = conversation ?? {};
  return { sessionId, linesCount, command: null, problem };
}
