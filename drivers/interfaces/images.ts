/** Where backing files come from when a target lacks them (L3). */

/** One image that the store has. */
export interface Image {
  readonly url: string;
  readonly sha256: string;
}

/** An image store: a folder that every host sees, or a web server; both with a SHA256SUMS file. */
export interface ImageStore {
  /** The image of that file name, or `undefined` if the store does not have it. @throws IMAGE_STORE_UNREACHABLE */
  find(fileName: string): Promise<Image | undefined>;
}
