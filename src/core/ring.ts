// Members of a ring: a list that anybody can leave or join the end of in one step. An empty ring is its head alone, so
// no member is a special case.

export class Link {
  before: this = this
  after: this = this

  /** Last before `head`. */
  insert(head: this): void {
    this.before = head.before
    this.after = head
    head.before.after = this
    head.before = this
  }

  remove(): void {
    this.before.after = this.after
    this.after.before = this.before
    this.before = this
    this.after = this
  }

  moveToEnd(head: this): void {
    if (head.before === this) return
    this.remove()
    this.insert(head)
  }
}
