// Where the public port says what has become of a call that waits for approval. Whoever has the address of one was told
// it, since 128 bits of it cannot be guessed; nothing is decided there.
const PREFIX = '/approvals'

export function approvalPageUrl(origin: string, id: string): string {
  return `${origin}${PREFIX}/${id}`
}

/** The id in a path of such a page; undefined for every other path. */
export function approvalInPath(path: string): string | undefined {
  return path.startsWith(`${PREFIX}/`) ? path.slice(PREFIX.length + 1) : undefined
}

/** Whether a route of this path would stand in the way. */
export function isAtApprovalPages(path: string): boolean {
  return path === PREFIX || approvalInPath(path) !== undefined
}
