/** Where git itself looks for a zero byte, by which it tells a binary file. */
const BINARY_SEARCH_BYTES = 8000;

/** The text of a file, in UTF-8 or, where it begins with its mark, UTF-16; null for what is no text. Pure. */
export function textOf(content: Buffer): string | null {
  if (content.length >= 2) {
    const mark = content.readUInt16BE(0);
    if (mark === 0xfffe) return content.toString('utf16le', 2);
    if (mark === 0xfeff) {
      const even = content.subarray(2, content.length - (content.length % 2));
      return Buffer.from(even).swap16().toString('utf16le');
    }
  }
  return content.subarray(0, BINARY_SEARCH_BYTES).includes(0) ? null : content.toString('utf8');
}
