import type { ServerResponse } from 'node:http';

/**
 * 201 for a new object, 200 for one that an earlier request with the same id created; both with its location.
 */
export function answerCreated(response: ServerResponse, isNew: boolean, location: string): void {
  response.statusCode = isNew ? 201 : 200;
  response.setHeader('Location', location);
}
