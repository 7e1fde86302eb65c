/** Jest's global tear-down of the lab tests. The lab itself stays for the next run; `scripts/test` takes it down. */
export default async function stop(): Promise<void> {
  await globalThis.labSite?.stop();
}
