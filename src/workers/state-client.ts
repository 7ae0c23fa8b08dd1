// The shared state as a worker uses it: the commands of a state outside of this process, over a channel to the primary.
// A primary that does not answer in time, or is gone, counts as a store that is away (core/shared-state.ts).
import type { Duplex } from 'node:stream'
import {
  type CommandListener,
  type RecordAdded,
  type RecordEntry,
  type StateCommands,
  UNAVAILABLE,
  type Unavailable,
  type Used,
} from '../core/shared-state.ts'
import { openStateChannel } from './state-channel.ts'
import type { StateCommand, StateReply, StateResult } from './state-messages.ts'

/** How long an answer may take before the primary counts as away. */
const ANSWER_MS = 1_000
/** How often that is checked. */
const LOOK_MS = 100
/** How many commands may be without an answer; more are refused. */
const MAX_ASKED = 10_000

interface AskedCommand {
  readonly until: number
  readonly resolve: (result: StateResult | Unavailable) => void
}

type WithoutNumber<C> = C extends readonly [number, ...infer Rest] ? Rest : never
type Command = WithoutNumber<StateCommand>

export function createStateClient(stream: Duplex): StateCommands {
  const { ask, tell, listen, end } = createQuestions(stream)
  let missed = false
  const wait = (result: StateResult | Unavailable) =>
    result === null ? undefined : (result as number | Unavailable)
  return {
    take: async (table, key, { count, seconds }, taken) =>
      wait(await ask('take', table, key, count, seconds, taken)),
    peek: async (table, key, { count, seconds }, taken) =>
      wait(await ask('peek', table, key, count, seconds, taken)),
    giveBack: (table, key, { count, seconds }, given) => void tell('give', table, key, count, seconds, given),
    use: async (table, owner, id, keeping) =>
      (await ask('use', table, owner, id, keeping)) as Used | Unavailable,
    async keep(table, owner, key, value, keeping) {
      const kept = await ask('keep', table, owner, key, value, keeping)
      return kept === UNAVAILABLE ? UNAVAILABLE : undefined
    },
    find: async (table, owner, key) => textOf(await ask('find', table, owner, key)),
    remove: async (table, owner, key) => textOf(await ask('remove', table, owner, key)),
    addRecord: async (table, owner, record, bounds) =>
      (await ask('add_record', table, owner, record, bounds)) as RecordAdded | Unavailable,
    findRecord: async (table, key) => textOf(await ask('find_record', table, key)),
    replaceRecord: async (table, key, seen, next) =>
      (await ask('replace_record', table, key, seen, next ?? null)) as boolean | Unavailable,
    listRecords: async (table) => (await ask('list_records', table)) as readonly RecordEntry[] | Unavailable,
    lock: async (name, holder, forMs) => (await ask('lock', name, holder, forMs)) as boolean | Unavailable,
    unlock: (name, holder) => void tell('unlock', name, holder),
    publish(event) {
      if (missed) missed = !tell('missed')
      if (!tell('publish', event)) missed = true
    },
    listen,
    close: async () => end(),
  }
}

function textOf(result: StateResult | Unavailable): string | undefined | Unavailable {
  return result === null ? undefined : (result as string)
}

/** Sends commands and finds their answers. */
function createQuestions(stream: Duplex) {
  const asked = new Map<number, AskedCommand>()
  const listeners: CommandListener[] = []
  let last = 0
  const settle = (number: number, result: StateResult | Unavailable) => {
    const known = asked.get(number)
    asked.delete(number)
    known?.resolve(result)
  }
  const lost = () => {
    for (const listener of listeners) listener.lost()
  }
  const hear = (reply: StateReply) => {
    if (reply[0] === 'heard') for (const listener of listeners) listener.heard(reply[1])
    else if (reply[0] === 'lost') lost()
    else settle(reply[0], reply[1])
  }
  /** Commands are in the order in which they were sent, so the check ends at the first that has time left. */
  const settleLate = () => {
    const now = performance.now()
    for (const [number, { until }] of asked) {
      if (until > now) return
      settle(number, UNAVAILABLE)
    }
  }
  const timer = setInterval(settleLate, LOOK_MS).unref()
  const onEnd = () => {
    clearInterval(timer)
    for (const number of [...asked.keys()]) settle(number, UNAVAILABLE)
    lost()
  }
  const channel = openStateChannel<StateCommand, StateReply>(
    stream,
    (replies) => replies.forEach(hear),
    onEnd,
  )
  const send = (number: number, command: Command) =>
    channel.send([number, ...command] as unknown as StateCommand)
  return {
    async ask(...command: Command): Promise<StateResult | Unavailable> {
      last += 1
      if (asked.size >= MAX_ASKED || !send(last, command)) return UNAVAILABLE
      const { promise, resolve } = Promise.withResolvers<StateResult | Unavailable>()
      asked.set(last, { until: performance.now() + ANSWER_MS, resolve })
      return promise
    },
    /** Returns false when the command was not sent. */
    tell: (...command: Command) => send(0, command),
    listen(listener: CommandListener) {
      listeners.push(listener)
      listener.lost()
    },
    end: () => channel.end(),
  }
}
