/** libvirt's RPC protocol: packet header and the numbers of the procedures that drover calls (remote_protocol.x, libvirt 9.0). */

/** Program and version of every packet to the hypervisor driver. */
export const REMOTE_PROGRAM = 0x2000_8086;
/** Program of keepalive pings; procedure 1 is a ping, 2 a pong. */
export const KEEPALIVE_PROGRAM = 0x6b65_6570;
export const PROTOCOL_VERSION = 1;

/** Length word and header: 4 + 6 * 4 bytes. */
export const HEADER_BYTES = 28;
/** VIR_NET_MESSAGE_MAX: nothing longer comes from a real libvirtd. */
export const MAX_PACKET_BYTES = 33_554_432 + 4;

export const TYPE = { call: 0, reply: 1, message: 2, stream: 3 } as const;
export const STATUS = { ok: 0, error: 1, continue: 2 } as const;

/** Procedure numbers. */
export const PROC = {
  connectOpen: 1,
  getVersion: 4,
  getNodeInfo: 6,
  getCapabilities: 7,
  domainGetXml: 14,
  domainGetAutostart: 15,
  domainGetInfo: 16,
  domainLookupByUuid: 24,
  domainResume: 28,
  domainSetAutostart: 29,
  domainSuspend: 34,
  networkGetXml: 43,
  authList: 66,
  poolRefresh: 83,
  poolLookupByName: 84,
  poolGetXml: 88,
  domainXmlToNative: 136,
  secretLookupByUuid: 141,
  secretDefineXml: 142,
  secretGetXml: 143,
  secretSetValue: 144,
  secretGetValue: 145,
  secretUndefine: 146,
  secretLookupByUsage: 147,
  domainIsPersistent: 151,
  networkIsActive: 152,
  poolIsActive: 154,
  getLibVersion: 157,
  domainAbortJob: 164,
  migrateSetMaxDowntime: 166,
  domainHasManagedSave: 183,
  snapshotCreateXml: 185,
  snapshotGetXml: 186,
  domainCreate: 196,
  migrateSetMaxSpeed: 207,
  domainGetState: 212,
  nodeGetMemoryStats: 228,
  domainUndefine: 231,
  domainDestroy: 234,
  blockJobAbort: 237,
  blockJobInfo: 238,
  domainShutdown: 258,
  domainSetMetadata: 264,
  domainGetMetadata: 265,
  snapshotIsCurrent: 271,
  listAllDomains: 273,
  listAllSnapshots: 274,
  listAllPools: 281,
  listAllNetworks: 283,
  listAllNwfilters: 286,
  listAllSecrets: 287,
  blockCommit: 290,
  domainGetJobStats: 298,
  migratePerform3Params: 305,
  eventRegister: 316,
  eventLifecycle: 318,
  getDomainCapabilities: 342,
  getAllDomainStats: 344,
  domainDefineXml: 350,
  eventJobCompleted: 363,
  migrateStartPostCopy: 364,
  compareHypervisorCpu: 393,
  checkpointCreateXml: 411,
  checkpointGetXml: 412,
  listAllCheckpoints: 413,
  checkpointDelete: 417,
  startDirtyRate: 427,
} as const;

/** virDomainMigrateFlags. */
export const MIGRATE = {
  live: 1,
  peer2peer: 2,
  nonSharedInc: 128,
  changeProtection: 256,
  unsafe: 512,
  autoConverge: 8192,
  postCopy: 32_768,
  tls: 65_536,
  parallel: 131_072,
  postCopyResume: 524_288,
} as const;

/** A packet's header. */
export interface Header {
  readonly program: number;
  readonly procedure: number;
  readonly type: number;
  readonly serial: number;
  readonly status: number;
}

/** One whole packet: length, header, payload. */
export function encodePacket(header: Header, payload: Buffer): Buffer {
  const packet = Buffer.alloc(HEADER_BYTES);
  packet.writeUInt32BE(HEADER_BYTES + payload.length, 0);
  packet.writeUInt32BE(header.program, 4);
  packet.writeUInt32BE(PROTOCOL_VERSION, 8);
  packet.writeInt32BE(header.procedure, 12);
  packet.writeInt32BE(header.type, 16);
  packet.writeUInt32BE(header.serial, 20);
  packet.writeInt32BE(header.status, 24);
  return Buffer.concat([packet, payload]);
}

/** The header of a whole packet. */
export const decodeHeader = (packet: Buffer): Header => ({
  program: packet.readUInt32BE(4),
  procedure: packet.readInt32BE(12),
  type: packet.readInt32BE(16),
  serial: packet.readUInt32BE(20),
  status: packet.readInt32BE(24),
});
