import { lstat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { BUILT_IN_RUNNERS, cwdSlugOf, pathHere, placeConversation, type ConversationPlace } from '#agents';
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
 */
export async function restoreConversation(
  client: PatchStoreClient,
  { taskId, number, conversation }: CheckpointView,
  worktreeDir: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<RestoredConversation> {
  if (conversation === null) return notPlaced(null, `checkpoint ${number} has no conversation`);
  const { runner: name, sessionId, linesCount } = conversation;
  const runner = BUILT_IN_RUNNERS[name];
  if (runner?.conversation === undefined || runner.byHand === undefined) {
    return notPlaced(
      conversation,
      `it is one of "${name}", and this command does not know where that keeps it`,
    );
  }
  const { variable, usual } = runner.conversation;
  const home = environment[variable] || usual.replace(/^~(?=\/|$)/, environment['HOME'] ?? homedir());
  const place = { home, sessionId, cwdSlug: await cwdSlugOf(worktreeDir) };
  const taken = await findTaken(conversation, place);
  if (taken !== undefined) return notPlaced(conversation, `${taken} exists, and is left as it is`);
  const files = new Map<string, Promise<Buffer>>();
  const read = async (path: string, offset: number): Promise<Buffer> => {
    if (!files.has(path)) files.set(path, client.conversationFile(taskId, number, path));
    return (await files.get(path)!).subarray(offset);
  };
  try {
    await placeConversation(conversation, runner.conversation, place, read);
  } catch (error) {
    return notPlaced(conversation, (error as Error).message);
  }
  const command = runner.byHand.map((word) => word.replaceAll('{sessionId}', sessionId));
  return { sessionId, linesCount, command, problem: null };
}

async function findTaken({ files }: Conversation, place: ConversationPlace): Promise<string | undefined> {
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
