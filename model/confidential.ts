/** Text that must never be stored: XML with console passwords, above all. */

/**
 * Holds a text so that it cannot get into a history, a log or an error by accident: whoever turns it into JSON or a string
 * gets no more than that there is one. `reveal` is for the one who hands it to a host.
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
