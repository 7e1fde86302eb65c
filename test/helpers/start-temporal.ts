/** Jest's global set-up of the server tests. */
import { startTestTemporal, type TestTemporal } from './temporal-for-tests.js';

declare global {
  // eslint-disable-next-line no-var -- globals of Jest's set-up process can only be declared so.
  var testTemporal: TestTemporal | undefined;
}

/** Starts Temporal and tells the tests where it is. */
export default async function start(): Promise<void> {
  globalThis.testTemporal = await startTestTemporal();
  process.env['TEMPORAL_ADDRESS'] = globalThis.testTemporal.server.address;
}
