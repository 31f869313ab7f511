import { describe, expect, it } from '@jest/globals';
import { planResume, type ResumeFacts } from './plan-resume.js';

const facts: ResumeFacts = {
  state: 'lost',
  pool: 'default',
  endedForSeconds: 0,
  failedResumes: 0,
  maxResumes: 5,
  hasLivingDaemon: true,
};

describe('planResume', () => {
  it('resumes a task at once that was released, or lost after progress', () => {
    expect(planResume(facts)).toEqual({ plan: 'resume' });
    expect(planResume({ ...facts, state: 'released', failedResumes: 9 })).toEqual({ plan: 'resume' });
  });

  it('waits twice as long after each resume in a row that was lost, up to ten minutes', () => {
    const waits = [1, 2, 3, 4, 20].map((failedResumes) =>
      planResume({ ...facts, failedResumes, maxResumes: 99 }),
    );
    expect(waits.map((plan) => plan.plan === 'wait' && plan.seconds)).toEqual([10, 20, 40, 80, 600]);
    expect(planResume({ ...facts, failedResumes: 2, endedForSeconds: 15 })).toMatchObject({ seconds: 5 });
    expect(planResume({ ...facts, failedResumes: 2, endedForSeconds: 20 })).toEqual({ plan: 'resume' });
  });

  it('gives up after the maximum of resumes, and names the next step', () => {
    const plan = planResume({ ...facts, failedResumes: 5, hasLivingDaemon: false });
    expect(plan).toMatchObject({ plan: 'give-up', reason: expect.stringContaining('after 5 automatic') });
    expect(planResume({ ...facts, failedResumes: 4, endedForSeconds: 999 })).toEqual({ plan: 'resume' });
    expect(planResume({ ...facts, maxResumes: 0 }).plan).toBe('give-up');
  });

  it('uses up no attempt in a pool without a living daemon', () => {
    expect(planResume({ ...facts, hasLivingDaemon: false })).toMatchObject({
      plan: 'wait',
      reason: expect.stringContaining('pool "default"'),
    });
  });
});
