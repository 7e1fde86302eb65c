/** Text that must never be stored: XML with console passwords, above all. */

/**
 * Holds a text so that it cannot get into a history, a log or an error by accident: as JSON or as a string it only shows
 * that there is one. Only code that sends the text to a host calls `reveal`.
 */
export class Confidential {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  /** Another text made from this one, and as confidential. */
  map(change: (text: string) => string): Confidential {
    return new Confidential(change(this.#text));
  }

  toJSON(): string {
    return '[confidential]';
  }

  toString(): string {
    return '[confidential]';
  }
}
