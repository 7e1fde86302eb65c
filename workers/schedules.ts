/** What drover does by itself, again and again. */
import {
  Client,
  Connection,
  ScheduleAlreadyRunning,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import { dataConverterOf } from '../codec/codecs.js';
import type { Config } from '../temporal.config.js';

/** The janitor looks every hour and repairs nothing. One that is there already stays as its operator has set it. */
export async function scheduleAudit(
  { address, namespace, taskQueue }: Config['temporal'],
  codec: PayloadCodec | undefined,
): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    await new Client({
      connection,
      namespace,
      dataConverter: dataConverterOf(codec),
    }).schedule.create({
      scheduleId: 'drover-audit',
      spec: { intervals: [{ every: '1h' }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP },
      action: {
        type: 'startWorkflow',
        workflowType: 'auditFleet',
        workflowId: 'auditFleet',
        taskQueue,
        args: [{ isRepairing: false }],
      },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  } finally {
    await connection.close();
  }
}
