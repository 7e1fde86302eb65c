/** Names of hosts and guests, as they may be shown: others have chosen them. */

/** Control characters, and those that turn the direction of text, so that it reads as another. */
const CONTROLS =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** They are shown, and not obeyed by whoever shows them. */
export const harmless = (text: string): string =>
  text.replace(CONTROLS, (char) => {
    const code = char.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
