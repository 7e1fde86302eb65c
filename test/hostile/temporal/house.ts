/** A worker with its key on a real Temporal server, its operator, and somebody beside them who has no key. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Drover } from '../../../client/drover.js';
import { aesGcmCodec } from '../../../codec/aes-gcm.js';
import type { CodedError } from '../../../model/errors.js';
import { buildSite, type FakeSite } from '../../helpers/fake-migration.js';
import { startKeyed } from '../../helpers/keyed-worker.js';
import { strangerAt, type Stranger } from './stranger.js';

export const taskQueue = `test-hostile-${randomUUID()}`;
export const codec = aesGcmCodec({ keys: [{ id: 'k1', secret: randomBytes(32) }] });

/** All of it. */
export interface House {
  readonly site: FakeSite;
  readonly drover: Drover;
  readonly stranger: Stranger;
  close(): Promise<void>;
}

/** @param refusal what the policy says for now, if it refuses */
export async function openHouse(refusal: () => CodedError | undefined): Promise<House> {
  const site = await buildSite(['local']);
  const policy = () => {
    const error = refusal();
    return error ? Promise.reject(error) : site.deps.policy();
  };
  const { drover, keyless, close } = await startKeyed({ ...site.deps, policy }, codec, taskQueue);
  return { site, drover, stranger: strangerAt(keyless.temporal), close };
}
