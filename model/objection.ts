/** Objections to moving a guest, each with its way out, found before anything is touched. */
import { z } from 'zod';

/** A kind of move. */
export const Move = z.enum(['live', 'cold']);
export type Move = z.infer<typeof Move>;

/** One objection. `about` names the element with its address or path, for example `disk vda` or `hostdev pci 0000:01:00.0`. */
export const Objection = z.object({
  about: z.string(),
  why: z.string(),
  /** What the operator can do about it. */
  wayOut: z.string(),
  /** The kinds of move that it prevents. */
  moves: z.array(Move),
  /** The accept word: who gives it (`--accept WORD`) takes the responsibility. Without one nobody can. */
  accept: z.string().optional(),
});
export type Objection = z.infer<typeof Objection>;

/** An objection to every kind of move. */
export const objection = (
  about: string,
  why: string,
  wayOut: string,
  more: { readonly moves?: Move[]; readonly accept?: string } = {},
): Objection => ({
  about,
  why,
  wayOut,
  moves: more.moves ?? ['live', 'cold'],
  accept: more.accept,
});

/** One that two elements raise in the same words is said once. */
const distinct = (objections: readonly Objection[]): Objection[] => [
  ...new Map(objections.map((one) => [`${one.about} ${one.why}`, one])).values(),
];

/** The objections that remain after what a person has accepted. */
export const standing = (
  objections: readonly Objection[],
  move: Move,
  accepted: readonly string[],
): Objection[] =>
  distinct(objections).filter(
    ({ moves, accept }) =>
      moves.includes(move) && !(accept !== undefined && accepted.includes(accept)),
  );

/** In one line, with the way out. */
export const objectionText = ({ about, why, wayOut, accept }: Objection): string => {
  const word = accept === undefined ? '' : `, or take the responsibility: --accept ${accept}`;
  return `${about} ${why}: ${wayOut}${word}`;
};
