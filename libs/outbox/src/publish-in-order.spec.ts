import { describe, expect, it } from '@jest/globals';
import type { ClaimedMessage } from '#database';
import { publishInOrder } from './publish-in-order.js';

const message = (id: string, taskId: string | null): ClaimedMessage => ({
  id,
  taskId,
  subject: 's',
  messageId: id,
  headers: {},
  payload: '{}',
  createdAt: new Date(0),
});

describe('publishInOrder', () => {
  it('stops a task at its first failure, and no other', async () => {
    const messages = [
      message('1', 'a'),
      message('2', 'a'),
      message('3', 'b'),
      message('4', 'a'),
      message('5', 'b'),
      message('6', null),
      message('7', null),
    ];
    const tried: string[] = [];
    const result = await publishInOrder(messages, async ({ id }) => {
      tried.push(id);
      if (id === '2' || id === '6') throw new Error(`no ${id}`);
    });
    expect(result.ids.sort()).toEqual(['1', '3', '5', '7']);
    expect(result.failure?.error).toMatchObject({ message: expect.stringMatching(/^no [26]$/) });
    expect(tried).not.toContain('4');
  });

  it('has nothing to tell about nothing', async () => {
    expect(await publishInOrder([], () => Promise.reject(new Error('never')))).toEqual({
      ids: [],
      failure: undefined,
    });
  });
});
