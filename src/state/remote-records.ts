// Records that several gateways share. While the store is away there are none: what one gateway decided alone would be
// decided twice.
import type { RecordBounds, SharedRecords } from '../core/shared-state.ts'
import type { RemoteParts } from './remote-parts.ts'

export function createRemoteRecords(
  { commands, privacy }: Pick<RemoteParts, 'commands' | 'privacy'>,
  table: string,
  bounds: RecordBounds,
): SharedRecords {
  return {
    add: (owner, key, text) => commands.addRecord(table, privacy.name(owner), { key, text }, bounds),
    find: (key) => commands.findRecord(table, key),
    replace: (key, seen, next) => commands.replaceRecord(table, key, seen, next),
    list: () => commands.listRecords(table),
  }
}
