// The events of one session's streams, so that a client may come back with Last-Event-ID (SEP-1699).
// In memory, for a test server: it dies with the session and keeps the newest events only.
import type { EventStore, JSONRPCMessage } from '@modelcontextprotocol/server'

const MAX_EVENTS = 1000

interface StoredEvent {
  readonly id: string
  readonly streamId: string
  readonly message: JSONRPCMessage
}

export function createReplay(): EventStore {
  const events: StoredEvent[] = []
  let count = 0
  const find = (id: string) => events.findIndex((event) => event.id === id)
  return {
    async storeEvent(streamId, message) {
      count += 1
      const id = `${streamId}_${count}`
      events.push({ id, streamId, message })
      if (events.length > MAX_EVENTS) events.shift()
      return id
    },
    async getStreamIdForEventId(id) {
      return events[find(id)]?.streamId
    },
    async replayEventsAfter(lastEventId, { send }) {
      const start = find(lastEventId)
      const streamId = events[start]?.streamId
      if (streamId === undefined) throw new Error('unknown event id')
      for (const event of events.slice(start + 1)) {
        // The priming event is an empty object: nothing to repeat.
        if (event.streamId === streamId && 'jsonrpc' in event.message) await send(event.id, event.message)
      }
      return streamId
    },
  }
}
