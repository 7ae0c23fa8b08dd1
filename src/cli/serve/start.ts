// A gateway for the commands that serve: it runs, or a sentence says why it cannot. Which exit code that is, is the
// command's business.
import { type GatewayOptions, type RunningGateway, startGateway } from '../../gateway/gateway.ts'

/** `elsewhere` says how to name another address. */
export async function startOrTell(
  options: GatewayOptions,
  elsewhere: string,
): Promise<RunningGateway | string> {
  try {
    return await startGateway(options)
  } catch (error) {
    return sentenceOf(error, elsewhere)
  }
}

/** What the system says of an address, in words. */
const LISTENING: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there already',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'this user may not listen there',
}

function sentenceOf(error: unknown, elsewhere: string): string {
  if (!(error instanceof Error)) return String(error)
  const { code, syscall, address, port } = error as NodeJS.ErrnoException & {
    address?: string
    port?: number
  }
  const known = syscall === 'listen' ? LISTENING[code ?? ''] : undefined
  if (known === undefined || address === undefined) return error.message
  return `cannot listen on ${address.includes(':') ? `[${address}]` : address}:${port}: ${known}; ${elsewhere}`
}
