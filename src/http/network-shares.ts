// Connections of clients by network (core/network.ts): how many one may have, and how many of them may be without a
// whole request yet, in a TLS handshake or in the head of a first request. A network that holds its share is cut off
// before a handshake costs anything; there is no request yet that could be answered. Where all that is without a request
// is taken, whoever has the most of it loses its oldest. A trusted proxy stands for many, and has no share.
import type { Socket } from 'node:net'
import { createShares, type Shares, shareOf } from '../core/shares.ts'

/** D43: the most connections without a request; beyond them one is cut off. */
const MAX_OPENING = 2_048

export interface NetworkShareOptions {
  /** The network that a peer is counted as; undefined for a trusted proxy. */
  readonly networkOfPeer: (address: string) => string | undefined
  /** The part of the connections that one network may have. */
  readonly sharePerCaller: number
}

export interface NetworkShares {
  /** Counts a connection until it closes; one that is too much is destroyed. */
  add(socket: Socket): void
  /** The head of its first request has come. Over TLS the socket is another, of the same peer. */
  onFirstRequest(socket: Socket): void
}

export function createNetworkShares(maxConnections: number, options: NetworkShareOptions): NetworkShares {
  const { networkOfPeer, sharePerCaller } = options
  const connections = sharedBy(maxConnections, sharePerCaller)
  const opening = createOpening(shareOf(MAX_OPENING, sharePerCaller))
  const leaveOpening = new Map<string, () => void>()
  return {
    add(socket) {
      const network = networkOfPeer(socket.remoteAddress ?? '')
      if (network === undefined) return
      const leave = connections.enter(network)
      const leaves = leave && opening.enter(network, socket)
      if (leaves === undefined) {
        leave?.()
        socket.destroy()
        return
      }
      const peer = peerOf(socket)
      leaveOpening.set(peer, leaves)
      socket.once('close', () => {
        leave?.()
        leaves()
        if (leaveOpening.get(peer) === leaves) leaveOpening.delete(peer)
      })
    },
    onFirstRequest(socket) {
      const peer = peerOf(socket)
      leaveOpening.get(peer)?.()
      leaveOpening.delete(peer)
    },
  }
}

/** Connections without a request, by network, the oldest first. */
function createOpening(share: number) {
  const byNetwork = new Map<string, Set<Socket>>()
  let size = 0
  const leave = (network: string, socket: Socket) => {
    const own = byNetwork.get(network)
    if (own?.delete(socket) !== true) return
    size -= 1
    if (own.size === 0) byNetwork.delete(network)
  }
  /**
   * False when no network would hold more than the asking one with its new connection. Looks at `MAX_OPENING` networks
   * at most.
   */
  const makeRoom = (held: number): boolean => {
    let [largest, most] = ['', held + 1]
    for (const [network, { size: has }] of byNetwork) if (has > most) [largest, most] = [network, has]
    const [oldest] = byNetwork.get(largest) ?? []
    if (oldest === undefined) return false
    leave(largest, oldest)
    oldest.destroy()
    return true
  }
  return {
    /** Undefined when it has its share, or there is no room. */
    enter(network: string, socket: Socket): (() => void) | undefined {
      const held = byNetwork.get(network)?.size ?? 0
      if (held >= share || (size >= MAX_OPENING && !makeRoom(held))) return undefined
      const own = byNetwork.get(network) ?? new Set()
      byNetwork.set(network, own.add(socket))
      size += 1
      return () => leave(network, socket)
    },
  }
}

function sharedBy(size: number, part: number): Shares {
  return createShares({ size, share: shareOf(size, part) })
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
