/** What a login user other than root needs on a host: one file with all of drover's commands, and the sudoers lines that let it run that file. */
import { createHash } from 'node:crypto';
import { HOST_COMMANDS } from '../hosts/commands.js';
import { quote } from './quote.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const cases = HOST_COMMANDS.filter(({ as }) => as === 'root').map(
  ({ name, text }) => `${name}) exec setsid -w ${quote(['sh', '-c', text, 'sh'])} "$@" ;;`,
);

/**
 * The helper. A session of its own for each command, as sshd gives one to root's: whoever ends the command ends the
 * whole group (`copy.cleanUp`).
 */
export const HELPER = `#!/bin/sh
# All that drover does on this host as root: a name, and arguments that are never run. Made by: drover hosts prepare
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
command=$1
shift
case $command in
${cases.join('\n')}
*) echo "drover-host: there is no command $command" >&2; exit 126 ;;
esac
`;

const digest = sha256(HELPER).slice(0, 12);
/** Named by its content, so that the helpers of two versions of drover stand side by side during an upgrade. */
export const HELPER_PATH = `/usr/local/sbin/drover-host-${digest}`;

/** The sudoers lines for a login user: this one file, as long as it has this content. */
export const sudoersFor = (user: string): string => {
  const alias = `DROVER_HOST_${digest.toUpperCase()}`;
  return `Cmnd_Alias ${alias} = sha256:${sha256(HELPER)} ${HELPER_PATH}
Defaults!${alias} !use_pty, !requiretty
${user.replaceAll('@', '\\@')} ALL=(root) NOPASSWD: ${alias}
`;
};

/** A script for root on a host, which gives a login user all that drover needs there. It can be run again. */
export const prepareScript = (user: string): string => `#!/bin/sh
# Lets ${user} do what drover does on this host, and no more. Made by: drover hosts prepare --user ${user}
set -eu
id ${user} >/dev/null || { echo "there is no user ${user} here: useradd -m ${user}" >&2; exit 1; }
command -v visudo >/dev/null || { echo "sudo is missing here: apt-get install sudo" >&2; exit 1; }
id -nG ${user} | grep -qw libvirt || usermod -aG libvirt ${user}
helper=${HELPER_PATH} sudoers=/etc/sudoers.d/drover-${digest}
cat >"$helper.new" <<'DROVER_END'
${HELPER}DROVER_END
chmod 755 "$helper.new"
mv "$helper.new" "$helper"
cat >"$sudoers.new" <<'DROVER_END'
${sudoersFor(user)}DROVER_END
chmod 440 "$sudoers.new"
visudo -cqf "$sudoers.new"
mv "$sudoers.new" "$sudoers"
`;
