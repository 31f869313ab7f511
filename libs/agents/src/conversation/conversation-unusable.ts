/** A conversation cannot be captured as it is, for people; the files are captured all the same. */
export class ConversationUnusable extends Error {
  override readonly name = 'ConversationUnusable';
}
