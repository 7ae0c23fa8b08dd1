// Where audit records go, as the file says it.

export interface AuditSettings {
  readonly file: string
  readonly required: boolean
  /** Whether the file says where records go. */
  readonly isNamed: boolean
}
