// Who may use the administration port: whether names and hashes tell its operators apart; and whether its peers can be.
import type { Finding, Settings } from '../core/settings.ts'
import type { OperatorToken, PeerSettings } from '../core/settings-admin.ts'
import { isLoopback } from '../lib/loopback.ts'

/** What the audit calls operators that stand in no list. */
const OWN_NAMES: ReadonlySet<string> = new Set(['token', 'anyone', 'terminal'])

const TOKEN_IN_CLEAR = 'the token goes there without TLS, and whoever is on the way can read it'

export function checkAdmin({ admin: { tokens, peers } }: Settings): Finding[] {
  return [...checkTokens(tokens), ...checkPeers(peers)]
}

function checkPeers(peers: readonly PeerSettings[]): Finding[] {
  return peers.flatMap(({ name, url }, index) => {
    const isTwice = peers.slice(0, index).some((each) => each.name === name)
    const { protocol, hostname } = new URL(url)
    const isClear = protocol === 'http:' && !isLoopback(hostname)
    return [
      ...(isTwice ? [peerFinding('error', index, 'name', `duplicate peer "${name}"`)] : []),
      ...(isClear ? [peerFinding('warning', index, 'url', TOKEN_IN_CLEAR)] : []),
    ]
  })
}

function peerFinding(severity: Finding['severity'], index: number, key: string, message: string): Finding {
  return { severity, path: ['admin', 'peers', index, key], message }
}

function checkTokens(tokens: readonly OperatorToken[]): Finding[] {
  const error = (index: number, key: string, message: string): Finding => ({
    severity: 'error',
    path: ['admin', 'tokens', index, key],
    message,
  })
  return tokens.flatMap(({ name, sha256 }, index) => {
    const before = tokens.slice(0, index)
    const twin = before.find((each) => each.sha256 === sha256)
    return [
      ...(OWN_NAMES.has(name)
        ? [error(index, 'name', `the audit calls somebody else "${name}"; choose another name`)]
        : []),
      ...(before.some((each) => each.name === name)
        ? [error(index, 'name', `duplicate token "${name}"`)]
        : []),
      ...(twin === undefined
        ? []
        : [error(index, 'hash', `this is the token "${twin.name}" too; give each a token of its own`)]),
    ]
  })
}
