// A bounded table whose entries have owners. An owner that has its share loses its own oldest entry; where the table is
// full, the owner who holds the most loses one. So nobody pushes out what others hold. It grows with use, and the cost
// of a step does not depend on its size. It knows no time: whoever uses it decides when an entry has ended.
import { Link } from './ring.ts'
import type { Bounds } from './shares.ts'
import type { TableBudget } from './table-budget.ts'

/** `budget`: what bounds this table and others together. */
export type TableBounds = Bounds & { readonly budget?: TableBudget | undefined }

export interface SharedTable<V> {
  /** Makes the entry the newest of its owner's. */
  get(key: string): V | undefined
  /** An entry with this key, whoever owns it, is replaced. */
  set(key: string, owner: string, value: V): void
  delete(key: string): void
  clear(): void
  heldBy(owner: string): number
  /** In the order in which they were set. */
  values(): Iterable<V>
  readonly size: number
}

export function createSharedTable<V>({ size, share, budget }: TableBounds): SharedTable<V> {
  const entries = new Map<string, Entry<V>>()
  const owners = createOwners<V>()
  const places = budget?.join(() => {
    if (entries.size > 0) remove(owners.largest().entries.after)
    return true
  })

  const remove = (entry: Entry<V>) => {
    entries.delete(entry.key)
    entry.remove()
    owners.resize(entry.owner, -1)
    places?.give()
  }
  const makeRoom = (owner: Owner<V> | undefined) => {
    if (owner !== undefined && owner.held >= share) remove(owner.entries.after)
    else if (entries.size >= size) remove(owners.largest().entries.after)
  }

  return {
    get(key) {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      if (entry.before !== entry.after) entry.moveToEnd(entry.owner.entries) // else it is alone, or was there
      entry.seen = true
      return entry.value
    },
    set(key, name, value) {
      const known = entries.get(key)
      if (known !== undefined) remove(known)
      makeRoom(owners.find(name))
      if (places?.take() === false) return
      const owner = owners.findOrAdd(name)
      const entry = new Entry(key, owner, value)
      entries.set(key, entry)
      entry.insert(owner.entries)
      owners.resize(owner, 1)
    },
    delete(key) {
      const entry = entries.get(key)
      if (entry !== undefined) remove(entry)
    },
    clear() {
      for (const entry of [...entries.values()]) remove(entry)
    },
    heldBy: (name) => owners.find(name)?.held ?? 0,
    *values() {
      for (const { value } of entries.values()) yield value
    },
    get size() {
      return entries.size
    },
  }
}

class Entry<V> extends Link {
  readonly key: string
  readonly owner: Owner<V>
  readonly value: V
  /** Whether it was looked up since its owner was last passed over. */
  seen = false

  constructor(key: string, owner: Owner<V>, value: V) {
    super()
    this.key = key
    this.owner = owner
    this.value = value
  }
}

class Owner<V> extends Link {
  readonly name: string
  /** Head of its entries, the oldest first. */
  readonly entries = new Link() as Entry<V>
  held = 0

  constructor(name: string) {
    super()
    this.name = name
  }
}

/**
 * Owners by how many entries they hold. Among equals, an owner that was looked up since is passed over once before it
 * loses an entry, so a look-up costs one mark.
 */
function createOwners<V>() {
  const byName = new Map<string, Owner<V>>()
  /** At each index the head of those who hold as many. */
  const byHeld = [new Owner<V>('')]
  let most = 0
  const headOf = (held: number) => byHeld[held] as Owner<V>

  return {
    find: (name: string) => byName.get(name),
    findOrAdd(name: string): Owner<V> {
      const known = byName.get(name)
      if (known !== undefined) return known
      const owner = new Owner<V>(name)
      byName.set(name, owner)
      return owner
    },
    /** The one who holds the most; there must be one. */
    largest(): Owner<V> {
      const head = headOf(most)
      for (let newest = head.after.entries.before; newest.seen; newest = head.after.entries.before) {
        newest.seen = false
        head.after.moveToEnd(head)
      }
      return head.after
    },
    resize(owner: Owner<V>, change: 1 | -1) {
      owner.remove()
      owner.held += change
      if (owner.held === 0) byName.delete(owner.name)
      else {
        byHeld[owner.held] ??= new Owner('')
        owner.insert(headOf(owner.held))
      }
      if (owner.held > most) most = owner.held
      else if (headOf(most).after === headOf(most)) most -= 1 // one left it, by one
    },
  }
}
