// The calls and counts of this gateway, and of its peers where it has some, as one. Each peer keeps its own marks, under
// its name, so that whoever goes on reading says how far it has read of each.

import type { CallMarks, JointActivity, JointQuery } from '../observe/joint-activity.ts'
import { type MinuteCount, sumMinutes } from '../observe/minute-counts.ts'
import type { Peer } from './peers.ts'
import { shownCall } from './shown-call.ts'
import type { ToldCalls } from './told.ts'

export interface AllActivity {
  /** Of this gateway alone. */
  own(query: JointQuery): Promise<ToldCalls>
  /** Of its peers alone. */
  peers(query: JointQuery): Promise<ToldCalls>
  /** Of all of them. */
  all(query: JointQuery): Promise<ToldCalls>
  /** Of all of them, and how many gateways that are. */
  minutes(): Promise<{ readonly minutes: readonly MinuteCount[]; readonly gateways: number }>
}

const NOTHING: ToldCalls = { calls: [], last: {}, kept: 0, silent: [] }

export function createAllActivity(activity: JointActivity, peers: () => readonly Peer[]): AllActivity {
  const own = async (query: JointQuery): Promise<ToldCalls> => {
    const found = await activity.find({ ...query, after: marksUnder('', query.after) })
    return { ...found, calls: found.calls.map((call) => shownCall(call)) }
  }
  const ofPeers = async (query: JointQuery): Promise<ToldCalls> =>
    joinTold(await Promise.all(peers().map((peer) => callsOf(peer, query))), query.limit)
  return {
    own,
    peers: ofPeers,
    all: async (query) => joinTold(await Promise.all([own(query), ofPeers(query)]), query.limit),
    async minutes() {
      const asked = await Promise.all([activity.minutes(), ...peers().map((peer) => peer.minutes())])
      const told = asked.flatMap((each) => (each === undefined ? [] : [each]))
      return { minutes: sumMinutes(told), gateways: told.length }
    },
  }
}

async function callsOf(peer: Peer, query: JointQuery): Promise<ToldCalls> {
  const { name } = peer
  const after = marksUnder(`${name}/`, query.after)
  const told = await peer.calls({ ...query, after })
  if (told === undefined) return { ...NOTHING, last: markedWith(`${name}/`, after), silent: [name] }
  return {
    calls: told.calls.map((call) => ({ ...call, gateway: name })),
    last: markedWith(`${name}/`, told.last),
    kept: told.kept,
    silent: told.silent.map((each) => `${each} of ${name}`),
  }
}

/** Names of own processes have no `/`. */
function marksUnder(prefix: string, marks: CallMarks): CallMarks {
  const own = Object.entries(marks).filter(([name]) =>
    prefix === '' ? !name.includes('/') : name.startsWith(prefix),
  )
  return Object.fromEntries(own.map(([name, mark]) => [name.slice(prefix.length), mark]))
}

function markedWith(prefix: string, marks: CallMarks): CallMarks {
  return Object.fromEntries(Object.entries(marks).map(([name, mark]) => [prefix + name, mark]))
}

/** The newest of all of them. */
export function joinTold(all: readonly ToldCalls[], limit: number): ToldCalls {
  const calls = all.flatMap((each) => each.calls).sort((one, other) => other.at - one.at)
  return {
    calls: calls.slice(0, limit),
    last: Object.assign({}, ...all.map(({ last }) => last)) as CallMarks,
    kept: all.reduce((sum, { kept }) => sum + kept, 0),
    silent: all.flatMap(({ silent }) => silent),
  }
}
