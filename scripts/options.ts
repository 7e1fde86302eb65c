/** Reading the options of the scripts. */

/** @throws Error for anything else than a whole number from 1; `undefined` if the option was not given */
export function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new Error(`--${option} takes a whole number from 1, not "${text}"`);
}
