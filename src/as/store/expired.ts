// What is over. Nothing reads an expired row, so it may be removed at any time. That goes in small steps, since
// requests wait meanwhile.

export interface Expired {
  /** Does a step of a pass; false when it was the last one of it, and the next step begins anew. */
  removeSome(): Promise<boolean>
}
