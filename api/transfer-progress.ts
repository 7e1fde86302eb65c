/** The running transfer's figures, read from the activity's last heartbeat: they cost the history nothing. */
import type { WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter, type PayloadCodec } from '@temporalio/common';
import { TransferProgress } from '../model/migration.js';

/** The steps that report such figures. */
const SENDING = ['transfer.run', 'disks.precopy', 'disks.transfer'];

/** The newest figures, or nothing while no transfer runs. */
export async function readTransferProgress(
  handle: WorkflowHandle,
  codec?: PayloadCodec,
): Promise<TransferProgress | undefined> {
  const { raw } = await handle.describe();
  const running = raw.pendingActivities?.find(({ activityType }) =>
    SENDING.includes(activityType?.name ?? ''),
  );
  const [payload] = running?.heartbeatDetails?.payloads ?? [];
  if (!payload) return undefined;
  const [plain = payload] = codec ? await codec.decode([payload]) : [];
  return TransferProgress.safeParse(defaultPayloadConverter.fromPayload(plain)).data;
}
