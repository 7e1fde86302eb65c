/** Jest's global tear-down of the server tests. */
export default async function stop(): Promise<void> {
  await globalThis.stopTemporal?.();
}
