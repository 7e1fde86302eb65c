/** Whether a guest can move, as far as the inventory knows. */
import { isVariables, targetFileOf } from '../model/storage.js';
import { movesOf, type Vm } from '../model/vm.js';

/** What is in its images (an external data file, a backing file that cannot travel) is seen by the checks of a move only: looking at those of a whole fleet would cost too much. */
export const hasUnseenImages = ({ disks }: Pick<Vm, 'disks'>): boolean =>
  disks.some((disk) => !isVariables(disk) && targetFileOf(disk) !== undefined);

/** In words. */
export function movableText(vm: Pick<Vm, 'state' | 'objections' | 'disks'>): string {
  const moves = movesOf(vm).join(', ');
  if (moves === '') return 'no';
  return hasUnseenImages(vm) ? `${moves}; images not looked at` : moves;
}

/** Where the whole answer is. */
export const wholeAnswer = (vm = 'VM'): string =>
  `drover migrate ${vm} --dry-run looks at the images, and at the target.`;
