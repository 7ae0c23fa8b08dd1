// How many of the registered clients without a grant each network holds (A69).

export interface ClientHolders {
  heldBy(network: string): Promise<number>
  /** The oldest client of a network; undefined when it holds none. */
  oldestOf(network: string): Promise<string | undefined>
  /** The oldest client of the network that holds the most; undefined when no network holds more than one. */
  oldestOfLargest(): Promise<string | undefined>
  /** The client is no longer counted for any network. */
  uncount(clientId: string): Promise<void>
}
