/** Reads what a host lists of its devices and of drover's nftables table. */
import { z } from 'zod';
import { CodedError } from '../../model/errors.js';
import type { Binding } from '../interfaces/network.js';

/** `nft -j list table`: only what is read of it. */
const Table = z.object({
  nftables: z.array(
    z.looseObject({
      map: z
        .looseObject({
          name: z.string(),
          elem: z.array(z.tuple([z.string(), z.unknown()])).default([]),
        })
        .optional(),
      set: z.looseObject({ name: z.string(), elem: z.array(z.unknown()).default([]) }).optional(),
      chain: z.looseObject({ name: z.string() }).optional(),
    }),
  ),
});

/** What is bound on a host, and whether the tap of a binding is there and is that port's. */
export interface Listed {
  readonly bindings: Binding[];
  /**
   * True if the tap is a device with this port's address: libvirt gives a tap its guest's MAC but for the first byte
   * (virNetDevTapCreateInBridgePort), and the kernel gives a tap's name anew to another guest.
   */
  isAlive(binding: { readonly mac: string; readonly tap: string }): boolean;
}

/** @throws BAD_ANSWER */
export function readListing(hostName: string, text: string): Listed {
  const [devices = '', table = ''] = text.split(/^--$/m);
  const addresses = new Map(
    devices.split('\n').map((line) => line.split(' ') as [string, string | undefined]),
  );
  return {
    bindings: bindingsOf(hostName, table),
    isAlive: ({ mac, tap }) => addresses.get(tap)?.slice(3) === mac.slice(3),
  };
}

function bindingsOf(hostName: string, text: string): Binding[] {
  let parsed: z.infer<typeof Table>;
  try {
    parsed = Table.parse(JSON.parse(text));
  } catch (cause) {
    throw new CodedError('BAD_ANSWER', `nft on ${hostName} gave an answer that cannot be read`, {
      cause,
    });
  }
  const items = parsed.nftables;
  const active = new Set(items.flatMap(({ set }) => (set?.name === 'active' ? set.elem : [])));
  const taps = items.flatMap(({ map }) => (map?.name === 'from' ? map.elem : []));
  return taps.map(([tap, verdict]): Binding => {
    const target =
      z.object({ jump: z.object({ target: z.string() }) }).safeParse(verdict).data?.jump.target ??
      '';
    const mac = target.replace(/^from_/, '').replace(/(..)(?=.)/g, '$1:');
    return { mac, tap, state: active.has(tap) ? 'active' : 'inactive' };
  });
}
