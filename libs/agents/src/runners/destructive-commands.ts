/**
 * Commands that throw work away which no commit holds. Names and first arguments only: a script that deletes
 * files is not seen through.
 */
const DESTRUCTIVE: readonly RegExp[] = [
  /\brm\s+(?:\S+\s+)*-[a-z]*[rRf]/, // rm -r, rm -f, rm x -rf
  /\bgit\s+(?:-\S+(?:\s+\S+)?\s+)*reset\s+(?:\S+\s+)*--(?:hard|merge|keep)\b/,
  /\bgit\s+(?:-\S+(?:\s+\S+)?\s+)*checkout\s+(?:\S+\s+)*(?:--\s|\.(?:\s|$)|-f\b|--force\b)/,
  /\bgit\s+(?:-\S+(?:\s+\S+)?\s+)*restore\b/,
  /\bgit\s+(?:-\S+(?:\s+\S+)?\s+)*switch\s+(?:\S+\s+)*(?:-f\b|--force\b|--discard-changes\b)/,
  /\bgit\s+(?:-\S+(?:\s+\S+)?\s+)*clean\b/,
  /\bgit\s+(?:-\S+(?:\s+\S+)?\s+)*stash\s+(?:drop|clear|pop)\b/,
  /\bgit\s+(?:-\S+(?:\s+\S+)?\s+)*(?:push\s+(?:\S+\s+)*(?:--force|-f\b|\+)|branch\s+(?:\S+\s+)*-D\b|rebase\b|filter-branch\b)/,
  /\bgit\s+(?:-\S+(?:\s+\S+)?\s+)*worktree\s+remove\b/,
  /\bfind\b[^|;&]*\s-delete\b/,
  /\b(?:shred|truncate|dd)\s/,
  /\bsed\s+(?:\S+\s+)*(?:-i|--in-place)/,
];

/** Pure: whether a shell command line holds one of the commands before which a checkpoint is made. */
export function isDestructive(command: string): boolean {
  return DESTRUCTIVE.some((pattern) => pattern.test(command));
}
