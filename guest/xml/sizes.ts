/** Sizes as libvirt writes them: a number, and beside it what it counts. */

const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  bytes: 1,
  KB: 1000,
  KiB: 1024,
  k: 1024,
  MB: 1000 ** 2,
  MiB: 1024 ** 2,
  M: 1024 ** 2,
  GB: 1000 ** 3,
  GiB: 1024 ** 3,
  G: 1024 ** 3,
  TB: 1000 ** 4,
  TiB: 1024 ** 4,
  T: 1024 ** 4,
};

/** NaN for what is no size; KiB where no unit is named, which is libvirt's own choice for memory, pages and caches. */
export const bytesOf = (text: string | null, unit: string | null): number =>
  Number(text?.trim() || NaN) * (UNITS[unit ?? 'KiB'] ?? NaN);
