// Why a gateway could not start, in words.

/** Error codes of the system for an address, in words. */
const LISTENING: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there already',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'this user may not listen there',
}

/** Returns a sentence that names the address that cannot be used, and where it is configured. */
export function listeningProblem(error: unknown, elsewhere = IN_THE_FILE): string {
  if (!(error instanceof Error)) return String(error)
  const { code, syscall, address, port } = error as NodeJS.ErrnoException & {
    address?: string
    port?: number
  }
  const isOfAddress = syscall === 'listen' || syscall === 'bind'
  const known = isOfAddress ? LISTENING[code ?? ''] : undefined
  if (known === undefined || address === undefined) return error.message
  return `cannot listen on ${address.includes(':') ? `[${address}]` : address}:${port}: ${known}; ${elsewhere}`
}

const IN_THE_FILE = 'write another address into the file, under `listen` or `admin.listen`'
