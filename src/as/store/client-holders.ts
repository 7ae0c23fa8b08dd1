// Which network holds how many of the registered clients without a grant (A69).

export interface ClientHolders {
  heldBy(network: string): number
  /** The oldest client of a network; undefined when it holds none. */
  oldestOf(network: string): string | undefined
  /** The same of the network that holds the most; undefined when none holds more than one. */
  oldestOfLargest(): string | undefined
  /** From now on it counts for no network. */
  keep(clientId: string): void
}
