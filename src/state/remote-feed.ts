// The feed between gateways. Events are sealed, and a gateway ignores its own. An event that cannot be opened may be
// sealed with another key and matter, so it counts as missed.
import { randomUUID } from 'node:crypto'
import type { Feed, FeedEvent, FeedListener } from '../core/shared-state.ts'
import type { RemoteParts } from './remote-parts.ts'

const PLACE = 'feed'

interface SentEvent {
  readonly from: string
  readonly event: FeedEvent
}

export function createRemoteFeed({ commands, privacy }: RemoteParts): Feed {
  const self = randomUUID()
  const listeners = new Set<FeedListener>()
  const lost = () => {
    for (const listener of listeners) listener.lost()
  }
  commands.listen({
    heard(text) {
      const opened = privacy.open(text, PLACE)
      if (opened === undefined) return lost()
      const { from, event } = JSON.parse(opened) as SentEvent
      if (from === self) return
      for (const listener of listeners) listener.heard(event)
    },
    lost,
  })
  return {
    publish(event) {
      const sent: SentEvent = { from: self, event }
      commands.publish(privacy.seal(JSON.stringify(sent), PLACE))
    },
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
