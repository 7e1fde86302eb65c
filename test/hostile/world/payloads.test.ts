/** Payloads that were changed, moved, or made by somebody without the key: each is refused by name where it is read (S1). */
import type { Payload, SerializationContext } from '@temporalio/common';
import { defaultPayloadConverter } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { createCipheriv, randomBytes } from 'node:crypto';
import { aesGcmCodec } from '../../../codec/aes-gcm.js';
import { SEALED_AT, whyUnsealed } from '../../../model/seal.js';

const key = { id: 'k1', secret: randomBytes(32) };
const codec = aesGcmCodec({ keys: [key] });
const namespace = 'default';
const step = (workflowId: string, activityId: string): SerializationContext => ({
  type: 'activity',
  namespace,
  workflowId,
  activityId,
  isLocal: false,
});
const run = (workflowId: string, of = namespace): SerializationContext => ({
  type: 'workflow',
  namespace: of,
  workflowId,
});
const plain = () => defaultPayloadConverter.toPayload({ host: 'h1' });
const seal = async (context: SerializationContext, by = codec): Promise<Payload> => {
  const [sealed] = await by.encode([plain()], context);
  if (!sealed) throw new Error('nothing was sealed');
  return sealed;
};
const open = async (payload: Payload, context: SerializationContext, by = codec) => {
  const [opened] = await by.decode([payload], context);
  return opened && defaultPayloadConverter.fromPayload<unknown>(opened);
};
const changed = (payload: Payload, at: number): Payload => {
  const data = Buffer.from(payload.data ?? []);
  data.writeUInt8(data.readUInt8(at) ^ 1, at);
  return { ...payload, data };
};
const place = (text: string, payload: Payload): Payload => ({
  ...payload,
  metadata: { ...payload.metadata, place: Buffer.from(text) },
});

it.each([run('a'), step('a', '3')])('what was sealed for a place is opened there', async (at) => {
  expect(await open(await seal(at), at)).toEqual({ host: 'h1' });
});

it('a schedule starts its workflow under an id with the time', async () => {
  const sealed = await seal(run('drover audit'));
  expect(await open(sealed, run('drover audit-2026-11-27T08:00:00Z'))).toEqual({ host: 'h1' });
  expect(whyUnsealed(await open(sealed, run('drover audit-2')))).toMatch('sealed for');
});

const another = aesGcmCodec({ keys: [{ id: 'k1', secret: randomBytes(32) }] });
it.each<[string, () => Promise<Payload>, SerializationContext]>([
  ['that is open', async () => plain(), run('a')],
  ['of another run', async () => seal(run('b')), run('a')],
  ['of another namespace', async () => seal(run('a', 'other')), run('a')],
  ['of another step of the run', async () => seal(step('a', '3')), step('a', '4')],
  ['of a step, for its run', async () => seal(step('a', '3')), run('a')],
  ['of the run, for a step', async () => seal(run('a')), step('a', '3')],
  ['whose id goes on where the other ends', async () => seal(run('a/3')), step('a', '3')],
  [
    'that was told another place',
    async () => place('workflow/default/a', await seal(run('b'))),
    run('a'),
  ],
  ['with a bit changed', async () => changed(await seal(run('a')), 40), run('a')],
  ['with its tag changed', async () => changed(await seal(run('a')), 12), run('a')],
  [
    'that was told another time',
    async () => {
      const payload = await seal(run('a'));
      const metadata = { ...payload.metadata, [SEALED_AT]: Buffer.from(String(Date.now() + 1)) };
      return { ...payload, metadata };
    },
    run('a'),
  ],
  [
    'that was told no time',
    async () => {
      const payload = await seal(run('a'));
      return { ...payload, metadata: { ...payload.metadata, [SEALED_AT]: Buffer.from('') } };
    },
    run('a'),
  ],
  ['that is cut off', async () => ({ ...(await seal(run('a'))), data: Buffer.alloc(5) }), run('a')],
  ['sealed with another key of that name', async () => seal(run('a'), another), run('a')],
  ['sealed by a release before 0.3', async () => sealedBefore(), run('a')],
])('a payload %s is refused', async (_what, payload, at) => {
  expect(whyUnsealed(await open(await payload(), at))).toBeTruthy();
});

it('runs of a release before 0.3 go on where the operator says so', async () => {
  const lenient = aesGcmCodec({ keys: [key] }, 'take');
  expect(await open(sealedBefore(), run('a'), lenient)).toEqual({ host: 'h1' });
  expect(await open(plain(), run('a'), lenient)).toEqual({ host: 'h1' });
  expect(whyUnsealed(await open(await seal(run('b')), run('a'), lenient))).toBeTruthy();
});

it('a key that is not there is said, and not taken for a forgery', async () => {
  const other = aesGcmCodec({ keys: [{ id: 'k2', secret: randomBytes(32) }] });
  await expect(open(await seal(run('a')), run('a'), other)).rejects.toMatchObject({
    code: 'BAD_CONFIG',
  });
});

/** As 0.2.0 did: a payload in a payload, without a place. */
function sealedBefore(): Payload {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key.secret, nonce);
  const bytes = temporal.api.common.v1.Payload.encode(plain()).finish();
  const sealed = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return {
    metadata: {
      encoding: Buffer.from('binary/encrypted'),
      'encryption-key-id': Buffer.from(key.id),
    },
    data: Buffer.concat([nonce, cipher.getAuthTag(), sealed]),
  };
}
