import { describe, expect, it } from '@jest/globals';
import { cloudEventHeaders } from './cloud-events.js';
import { NO_DAEMON, subjects } from './subjects.js';

const event = { id: '0197-event', recordedAt: new Date('2026-01-02T03:04:05.678Z') };

describe('cloudEventHeaders', () => {
  it('gives every attribute of an event', () => {
    expect(cloudEventHeaders(subjects.event('d1', 't1', 'checkpoint-stored'), event)).toEqual({
      'ce-specversion': '1.0',
      'ce-id': '0197-event',
      'ce-type': 'patchpoint.v1.checkpoint-stored',
      'ce-source': '/patchpoint/daemons/d1',
      'ce-subject': 't1',
      'ce-time': '2026-01-02T03:04:05.678Z',
      'ce-datacontenttype': 'application/json',
    });
  });

  it('names no daemon where there is none', () => {
    const headers = cloudEventHeaders(subjects.event(NO_DAEMON, 't1', 'task-spawning'), event);
    expect(headers).toMatchObject({ 'ce-source': '/patchpoint' });
  });

  it('escapes what a header cannot hold', () => {
    const headers = cloudEventHeaders(subjects.event('d1', 'a"%é€', 'checkpoint-rejected'), event);
    expect(headers).toMatchObject({ 'ce-subject': 'a%22%25%C3%A9%E2%82%AC' });
  });

  it('leaves other messages alone', () => {
    expect(cloudEventHeaders(subjects.daemonCommand('d1', 'stop-task'), event)).toBeUndefined();
    expect(cloudEventHeaders(subjects.output('d1', 't1'), event)).toBeUndefined();
  });
});
