// The services of the process that an exchange uses.
import type { ReadBody } from '../http/body.ts'
import type { LargeWork } from '../limits/large-work.ts'
import type { RequestRecord } from '../observe/request-record.ts'
import type { Silence } from './silence.ts'
import type { CancellableCalls } from './under-way.ts'

export interface ExchangeServices {
  readonly readBody: ReadBody
  readonly largeWork: LargeWork
  readonly underWay: CancellableCalls
  readonly silence: Silence
  /** Returns false when the decision must be on record before the call goes on, and could not be written. */
  recordBeforeCall(record: RequestRecord): boolean
  /** One function for each long stream that is open; it ends the stream, for the drain. */
  readonly open: Set<() => void>
  countStream(route: string, change: 1 | -1): void
}
