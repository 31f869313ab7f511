/**
 * The tools of a task for its agent program, as an MCP server on standard input and output. It reaches the
 * daemon at `$PATCHPOINT_ENDPOINT`, which only that task knows; it needs no other access.
 */
import { serveTools } from './mcp/serve-tools.js';

const endpoint = process.env['PATCHPOINT_ENDPOINT'];
if (endpoint === undefined) {
  process.stderr.write(
    'PATCHPOINT_ENDPOINT is not set: `patchpoint mcp` runs inside a task, started by its agent program.\n',
  );
  process.exitCode = 2;
} else {
  await serveTools(endpoint);
}
