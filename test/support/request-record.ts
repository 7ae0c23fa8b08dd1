// What is known of a request when it has ended, for tests that change a part of it.
import type { RequestRecord } from '../../src/observe/request-record.ts'

/** By default a POST that was allowed, and answered in full, without a caller and without a message. */
export function requestRecord(parts: Partial<RequestRecord> = {}): RequestRecord {
  return {
    ...{ id: 'id', generation: 1, route: 'notes', httpMethod: 'POST', address: '192.0.2.1' },
    ...{
      clientRequestId: undefined,
      startedMs: performance.now(),
      principal: undefined,
      calls: [],
      rule: '',
    },
    ...{ policy: undefined, faulty: undefined, answers: undefined, would: undefined, refusal: undefined },
    ...{ withheld: undefined, resent: false, isStream: false },
    ...{ status: 200, rpc: 'result', ending: 'complete' },
    ...parts,
  }
}
