/** The running transfer's figures, read from the activity's last heartbeat: they cost the history nothing. */
import type { WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter, type PayloadCodec } from '@temporalio/common';
import { TransferProgress } from '../model/progress.js';

/** The newest figures, or nothing while no transfer runs: of whichever step that runs reports such figures. */
export async function readTransferProgress(
  handle: WorkflowHandle,
  codec?: PayloadCodec,
): Promise<TransferProgress | undefined> {
  const { raw } = await handle.describe();
  for (const { heartbeatDetails } of raw.pendingActivities ?? []) {
    const [payload] = heartbeatDetails?.payloads ?? [];
    if (!payload) continue;
    const [plain = payload] = codec ? await codec.decode([payload]) : [];
    const { data } = TransferProgress.safeParse(defaultPayloadConverter.fromPayload(plain));
    if (data) return data;
  }
  return undefined;
}
