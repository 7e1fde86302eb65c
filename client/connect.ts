/** The connection to Temporal. */
import { defined } from '../model/defined.js';
import { Connection } from '@temporalio/client';
import { CodedError, messageOf } from '../model/errors.js';
import type { Access } from './access.js';

/** Connects. @throws HOST_UNREACHABLE */
export async function connect(address: string, tls: Access['tls']): Promise<Connection> {
  try {
    return await Connection.connect({ address, connectTimeout: '10s', ...defined({ tls }) });
  } catch (cause) {
    throw new CodedError(
      'HOST_UNREACHABLE',
      `no Temporal server answers at ${address}: ${messageOf(cause)}`,
      {
        hint: 'Run `drover up`, or set TEMPORAL_ADDRESS.',
        cause,
      },
    );
  }
}
