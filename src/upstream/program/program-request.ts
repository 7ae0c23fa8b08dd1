// What a program's upstream reads of a request: the message, who sent it, and where it goes in HTTP+SSE.
import type { Principal } from '../../core/principal.ts'
import type { HeaderInput } from '../identity-headers.ts'
import type { UpstreamRequest } from '../upstream.ts'

/** Who calls, as far as a program may be told of it. */
export type ProgramCaller = Pick<Principal, 'issuer' | 'subject' | 'key' | 'clientId' | 'claims'>

export interface ProgramRequest
  extends Pick<
    UpstreamRequest,
    'caller' | 'era' | 'method' | 'target' | 'body' | 'isStream' | 'bufferJsonUpTo' | 'onWritten'
  > {
  readonly headers: Pick<HeaderInput, 'sessionId' | 'lastEventId'> & {
    readonly principal: ProgramCaller | undefined
  }
}
