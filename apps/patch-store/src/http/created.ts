import type { ServerResponse } from 'node:http';

/** 201 for what is new, 200 for what an earlier request of the same id made; either way, where it is. */
export function answerCreated(response: ServerResponse, isNew: boolean, location: string): void {
  response.statusCode = isNew ? 201 : 200;
  response.setHeader('Location', location);
}
