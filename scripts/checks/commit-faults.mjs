import { execFileSync } from 'node:child_process';

/**
 * Where the rule began: subjects before it stay as they are. The commit of the tag `v0.1.0`, for clones
 * without tags.
 */
const SINCE = ['v0.1.0', '2b629d2f3dfe6df46c656ae57db49e673801b698'];
const MAX_SUBJECT = 72;

/**
 * @returns {string[]} what is wrong with the subjects of the commits since {@link SINCE}; none where git has
 *   no history
 */
export function commitFaults() {
  const since = SINCE.find(
    (revision) => git('rev-parse', '--quiet', '--verify', `${revision}^{commit}`) !== undefined,
  );
  if (since === undefined) return [];
  const subjects = (git('log', '--no-merges', '--format=%h %s', `${since}..HEAD`) ?? '')
    .split('\n')
    .filter(Boolean);
  return subjects.flatMap((line) => {
    const [hash, subject] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)];
    return subjectFaults(subject).map((fault) => `commit ${hash} "${subject}": ${fault}`);
  });
}

/** Pure. Git's own habit: an imperative that completes "this commit will …", in one line of a terminal. */
export function subjectFaults(subject) {
  const faults = [];
  if (subject.length > MAX_SUBJECT) faults.push(`${subject.length} characters; ${MAX_SUBJECT} fit.`);
  if (!/^[A-Z]/.test(subject)) faults.push('begin with a capital.');
  if (subject.endsWith('.')) faults.push('no full stop at the end.');
  if (
    /^(?:Let|Added|Adds|Fixed|Fixes|Changed|Changes|Removed|Removes|Updated|Updates|Wip)\b/i.test(subject)
  ) {
    faults.push('say what it does in the imperative: "Add …", "Fix …".');
  }
  return faults;
}

function git(...args) {
  try {
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
