import { afterEach, beforeEach } from '@jest/globals';
import { startScriptedModel, type ScriptedModel } from '#scripted';

/** The model of a test: it lets an agent take two steps, each of which leaves a file, and end. */
export class TwoSteps {
  model!: ScriptedModel;
  /** What the second step does. */
  second = '';
}

/** A model for each test. Call it at the top level of a spec file. */
export function useTwoSteps(): TwoSteps {
  const steps = new TwoSteps();
  beforeEach(async () => {
    steps.second = 'echo 2 > two';
    steps.model = await startScriptedModel({
      script: () => [
        { run: 'echo 1 > one; echo the first output' },
        { run: steps.second },
        { say: 'All is done.' },
      ],
    });
  });
  afterEach(() => steps.model.stop());
  return steps;
}
