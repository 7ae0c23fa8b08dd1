// A bounded table whose entries have owners. An owner that has its share loses its own oldest entry; where the table
// is full, the owner who holds the most loses one. So nobody pushes out what others hold. It grows with use, every
// step costs the same whatever it holds, and it knows no time: an entry that ends is its user's business.

export interface SharedTable<V> {
  /** Makes the entry the newest of its owner's. */
  get(key: string): V | undefined
  /** An entry with this key, whoever owns it, is replaced. */
  set(key: string, owner: string, value: V): void
  delete(key: string): void
  heldBy(owner: string): number
  readonly size: number
}

/** What one owner may hold, when nothing else is said: one in this many. */
const OWNERS_AT_LEAST = 4

/** @param share entries that one owner may hold; a quarter of `maxEntries` by default */
export function createSharedTable<V>(
  maxEntries: number,
  share: number = Math.max(1, Math.floor(maxEntries / OWNERS_AT_LEAST)),
): SharedTable<V> {
  const entries = new Map<string, Entry<V>>()
  const owners = createOwners()

  const remove = (entry: Entry<V>) => {
    entries.delete(entry.key)
    unlink(entry)
    owners.resize(entry.owner, -1)
  }
  const makeRoom = (owner: Owner | undefined) => {
    const holder = owner !== undefined && owner.held >= share ? owner : undefined
    if (holder === undefined && entries.size < maxEntries) return
    remove((holder ?? owners.largest()).entries.next as Entry<V>)
  }

  return {
    get(key) {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      moveToEnd(entry, entry.owner.entries)
      owners.touch(entry.owner)
      return entry.value
    },
    set(key, name, value) {
      const known = entries.get(key)
      if (known !== undefined) remove(known)
      makeRoom(owners.find(name))
      const owner = owners.findOrAdd(name)
      const entry = new Entry(key, owner, value)
      entries.set(key, entry)
      insertLast(entry, owner.entries)
      owners.resize(owner, 1)
    },
    delete(key) {
      const entry = entries.get(key)
      if (entry !== undefined) remove(entry)
    },
    heldBy: (name) => owners.find(name)?.held ?? 0,
    get size() {
      return entries.size
    },
  }
}

/** A member of one ring: a list whose head is a Link of its own, so that nobody in it is a special case. */
class Link {
  next: Link = this
  previous: Link = this
}

class Entry<V> extends Link {
  readonly key: string
  readonly owner: Owner
  readonly value: V

  constructor(key: string, owner: Owner, value: V) {
    super()
    this.key = key
    this.owner = owner
    this.value = value
  }
}

class Owner extends Link {
  readonly name: string
  /** Head of its entries, the oldest first. */
  readonly entries = new Link()
  held = 0

  constructor(name: string) {
    super()
    this.name = name
  }
}

/** Owners by how many entries they hold; among equals, those who were seen last come last. */
function createOwners() {
  const byName = new Map<string, Owner>()
  /** At each index the head of those who hold as many. */
  const byHeld: Link[] = [new Link()]
  let most = 0
  const isEmpty = (head: Link | undefined) => head === undefined || head.next === head

  return {
    find: (name: string) => byName.get(name),
    findOrAdd(name: string): Owner {
      const known = byName.get(name)
      if (known !== undefined) return known
      const owner = new Owner(name)
      byName.set(name, owner)
      return owner
    },
    touch: (owner: Owner) => moveToEnd(owner, byHeld[owner.held] as Link),
    /** The one who holds the most; there must be one. */
    largest: () => (byHeld[most] as Link).next as Owner,
    resize(owner: Owner, change: 1 | -1) {
      unlink(owner)
      owner.held += change
      if (owner.held === 0) byName.delete(owner.name)
      else {
        byHeld[owner.held] ??= new Link()
        insertLast(owner, byHeld[owner.held] as Link)
      }
      if (owner.held > most) most = owner.held
      else if (isEmpty(byHeld[most])) most -= 1 // one left it, by one
    },
  }
}

function unlink(link: Link): void {
  link.previous.next = link.next
  link.next.previous = link.previous
  link.next = link
  link.previous = link
}

function insertLast(link: Link, head: Link): void {
  link.next = head
  link.previous = head.previous
  head.previous.next = link
  head.previous = link
}

function moveToEnd(link: Link, head: Link): void {
  if (head.previous === link) return
  unlink(link)
  insertLast(link, head)
}
