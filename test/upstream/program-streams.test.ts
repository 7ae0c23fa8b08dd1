// What of a program's words is kept for clients: within bounds, and with a share for each caller.
import { describe, expect, test } from 'vitest'
import { placeOfEvent, SessionEvents } from '../../src/upstream/program/session-events.ts'
import { createUnreadRooms } from '../../src/upstream/program/unread-room.ts'
import { UnreadStream } from '../../src/upstream/program/unread-stream.ts'

const MiB = 1024 * 1024

describe('events for a client that comes back', () => {
  const placesAfter = (events: SessionEvents) =>
    events.after({ stream: 1, place: 0 }).map((bytes) => bytes.length)

  test('the newest hundred, and 1 MiB of them; a larger one alone', () => {
    const events = new SessionEvents(createUnreadRooms(64 * MiB, 1)('ada'))
    for (let place = 1; place <= 150; place += 1)
      events.keep({ stream: 1, place, bytes: Buffer.alloc(place) })
    expect(placesAfter(events)).toHaveLength(100)
    expect(placesAfter(events).at(0)).toBe(51)
    events.keep({ stream: 1, place: 151, bytes: Buffer.alloc(MiB - 10) })
    expect(placesAfter(events)).toEqual([MiB - 10])
    events.keep({ stream: 1, place: 152, bytes: Buffer.alloc(5 * MiB) })
    expect(placesAfter(events)).toEqual([5 * MiB])
  })

  test('a caller keeps its share for all its sessions, others theirs; what ends gives it back', () => {
    const rooms = createUnreadRooms(4 * MiB, 0.25)
    const [one, two, bob] = [rooms('ada'), rooms('ada'), rooms('bob')].map((room) => new SessionEvents(room))
    one?.keep({ stream: 1, place: 1, bytes: Buffer.alloc(MiB) })
    two?.keep({ stream: 1, place: 1, bytes: Buffer.alloc(1_000) })
    bob?.keep({ stream: 1, place: 1, bytes: Buffer.alloc(1_000) })
    const kept = [one, two, bob].map((events) => events && placesAfter(events).length)
    expect(kept).toEqual([1, 0, 1])
    one?.end()
    two?.keep({ stream: 1, place: 2, bytes: Buffer.alloc(1_000) })
    one?.keep({ stream: 1, place: 2, bytes: Buffer.alloc(MiB - 1_000) }) // it is over
    two?.keep({ stream: 1, place: 3, bytes: Buffer.alloc(1_000) })
    expect(two && placesAfter(two)).toEqual([1_000, 1_000])
  })

  test('ids that no event had', () => {
    for (const id of ['', '1', '1-', '-1', 'x-1', '1-1-1', '1234567890-1'])
      expect(placeOfEvent(id)).toBeUndefined()
    expect(placeOfEvent('3-14')).toEqual({ stream: 3, place: 14 })
  })
})

describe('what a client has not read', () => {
  function reading(room = createUnreadRooms(8 * MiB, 1)('ada')) {
    const taken: number[] = []
    const stream = new UnreadStream(room, () => {})
    const sink = { data: (chunk: Buffer) => void taken.push(chunk.length), end() {}, fail() {} }
    return { stream, taken, start: () => stream.start(sink) }
  }

  test('over the room of its caller nothing more is taken; whoever reads needs none', () => {
    const rooms = createUnreadRooms(2 * MiB, 0.5)
    const [slow, other, reader] = [reading(rooms('ada')), reading(rooms('ada')), reading(rooms('ada'))]
    reader.start()
    expect(slow.stream.push(Buffer.alloc(MiB))).toBe(true)
    expect([other.stream.push(Buffer.alloc(1_000)), reader.stream.push(Buffer.alloc(1_000))]).toEqual([
      false,
      true,
    ])
    slow.stream.abort()
    expect(other.stream.push(Buffer.alloc(1_000))).toBe(true)
  })

  test('a large piece is given in parts, and the reader may pause in between', () => {
    const { stream, taken, start } = reading()
    stream.push(Buffer.alloc(200_000))
    start()
    expect(taken).toEqual([65_536, 65_536, 65_536, 3_392])
    stream.pause()
    stream.push(Buffer.alloc(10))
    expect(taken).toHaveLength(4)
    stream.resume()
    expect(taken.at(-1)).toBe(10)
  })
})
