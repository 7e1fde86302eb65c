/** What a person hears of a run that does not take his answer. */
import { ServiceError } from '@temporalio/client';
import { taken } from '../../../client/failure.js';

it('a run that nobody can carry on is told from an answer that is refused, with what to do', async () => {
  const refused = Promise.reject(
    new ServiceError('Workflow Update failed', { cause: new Error('workflow task failed') }),
  );

  await expect(taken(refused)).rejects.toMatchObject({
    code: 'RUN_STUCK',
    message: 'the run does not take it: workflow task failed',
    hint: expect.stringMatching(/terminate it there, and let drover audit --repair/) as string,
  });
});
