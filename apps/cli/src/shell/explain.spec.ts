import { describe, expect, it } from '@jest/globals';
import { PatchStoreError } from '#client';
import { explain } from './explain.js';

describe('a refusal of the server', () => {
  it('names the variable and the file of a local server when the token opens nothing', () => {
    const refused = new PatchStoreError(401, undefined, 'no', { isGiven: true, from: 'a file' });
    expect(explain(refused)).toMatchObject({ exitCode: 4, code: 'UNAUTHORIZED' });
    expect(explain(refused).nextStep).toMatch(/PATCHPOINT_API_TOKEN.*credentials\/api-token/);
  });

  it('asks for a token with the scope when that alone is missing', () => {
    const refused = new PatchStoreError(403, 'SCOPE_MISSING', 'needs "operate"', {
      isGiven: true,
      from: 'a file',
    });
    expect(explain(refused)).toMatchObject({
      exitCode: 1,
      code: 'SCOPE_MISSING',
      message: 'needs "operate"',
    });
    expect(explain(refused).nextStep).toContain('patchpoint token create');
  });
});
