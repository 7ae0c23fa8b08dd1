// The commands for records in Redis or Valkey. All records of a table are on one node, since they are listed and counted
// together.
import { type RecordAdded, type StateCommands, UNAVAILABLE } from '../../core/shared-state.ts'
import type { AskRedis } from './bounded.ts'
import { createScript } from './run-script.ts'
import { ADD_RECORD, FIND_RECORD, LIST_RECORDS, REPLACE_RECORD } from './scripts.ts'

type RecordCommands = Pick<StateCommands, 'addRecord' | 'findRecord' | 'replaceRecord' | 'listRecords'>

const ADDED: readonly RecordAdded[] = ['added', 'held', 'share', 'full']
const PARTS = ['texts', 'owners', 'held', 'ends', 'run'] as const

/** @param group begins every key, and holds the hash tag of the node */
export function createRecordCommands(ask: AskRedis, group: string): RecordCommands {
  const script = (text: string) => createScript(text, ask)
  const [add, find] = [script(ADD_RECORD), script(FIND_RECORD)]
  const [replace, list] = [script(REPLACE_RECORD), script(LIST_RECORDS)]
  const keysOf = (table: string) => PARTS.map((part) => `${group}${part} ${table}`)
  return {
    async addRecord(table, owner, { key, text }, { forMs, share, size }) {
      const args = [key, owner, text, String(forMs), String(share), String(size)]
      const reply = await add({ keys: keysOf(table), args })
      return ADDED[Number(reply)] ?? UNAVAILABLE
    },
    async findRecord(table, key) {
      const reply = await find({ keys: keysOf(table), args: [key] })
      return reply === null ? undefined : textIn(reply)
    },
    async replaceRecord(table, key, seen, next) {
      const args = next === undefined ? [key, seen, 'drop', ''] : [key, seen, 'set', next]
      const reply = await replace({ keys: keysOf(table), args })
      return reply === UNAVAILABLE ? UNAVAILABLE : Number(reply) === 1
    },
    async listRecords(table) {
      const reply = await list({ keys: keysOf(table), args: [] })
      if (!Array.isArray(reply)) return UNAVAILABLE
      const keys = reply.filter((_, index) => index % 2 === 0)
      return keys.map((key, index) => ({ key: String(key), text: String(reply[index * 2 + 1]) }))
    },
  }
}

function textIn(reply: unknown): string | typeof UNAVAILABLE {
  return typeof reply === 'string' ? reply : UNAVAILABLE
}
