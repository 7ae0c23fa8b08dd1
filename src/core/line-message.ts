// One JSON-RPC message as a line of text, which is how programs exchange them (MCP 2025-11-25 transports, stdio), and the
// ids in it that the gateway replaces. mcp/line-messages.ts reads it; upstream/program/ sends it.

/** Each as the JSON text that stands in the message; undefined where there is none. */
export interface MessageIds {
  /** Of the message itself. */
  readonly id: string | undefined
  /** Of a request, under which it wants to hear of progress; of `notifications/progress`, whose progress it is. */
  readonly progressToken: string | undefined
  /** Of `notifications/cancelled`: the request. */
  readonly requestId: string | undefined
  /** Of a message for a subscription (2026-07-28): the request that began it. */
  readonly subscriptionId: string | undefined
}

export interface LineMessage {
  readonly kind: 'request' | 'notification' | 'response'
  /** Empty for a response. */
  readonly method: string
  /** A response that is an error. */
  readonly isError: boolean
  readonly ids: MessageIds
  /**
   * The message without an end of line: these ids are replaced where it has them, and every other byte stays, but that no
   * reader of lines finds an end in it.
   */
  line(ids: Partial<MessageIds>): Buffer
}

export interface BodyMessages {
  /** Of MCP 2025-03-26, whose answers come together. */
  readonly isBatch: boolean
  readonly messages: readonly LineMessage[]
}

export interface LineMessages {
  /** Undefined where a reader could take another id for one of these. */
  ofBody(body: Buffer): BodyMessages | undefined
  /** Of a line that a program wrote; undefined when it is no JSON-RPC message. */
  ofLine(line: Buffer): LineMessage | undefined
}
