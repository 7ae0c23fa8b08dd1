// Which network holds how many of the registered clients without a grant (A69).

export interface ClientHolders {
  heldBy(network: string): Promise<number>
  /** The oldest client of a network; undefined when it holds none. */
  oldestOf(network: string): Promise<string | undefined>
  /** The same of the network that holds the most; undefined when none holds more than one. */
  oldestOfLargest(): Promise<string | undefined>
  /** From now on it counts for no network. */
  keep(clientId: string): Promise<void>
}
