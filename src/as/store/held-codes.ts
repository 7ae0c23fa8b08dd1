// Codes of devices that wait for their person, by the network that asked for them (A71). Their number is bounded; when
// all places are taken, the network that holds the most loses its oldest. as/engine/address-limits.ts counts how often a network may
// ask.

export interface HeldCodes {
  /** True when an older one was removed. @param most that may wait */
  makeRoom(most: number): Promise<boolean>
  /** The network of one that was just kept. */
  hold(code: string, network: string): Promise<void>
}
