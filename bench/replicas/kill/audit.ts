// What the audits of all replicas say about calls: each that was admitted has an end, or died with its worker.
import { existsSync, readFileSync } from 'node:fs'
import type { Stage } from '../stage.ts'

export interface AuditedCall {
  /** The `X-Request-Id` of the client. */
  readonly nonce: string
  readonly admitted: boolean
  readonly ended: boolean
  readonly died: boolean
}

interface AuditLine {
  readonly event: string
  readonly request_id?: string
  readonly client_request_id?: string
}

/** By request. Throws where a line is not whole. */
export function auditedCalls({ replicas }: Stage): readonly AuditedCall[] {
  const calls = new Map<string, { nonce: string; admitted: boolean; ended: boolean; died: boolean }>()
  for (const { audit } of replicas) {
    for (const { event, request_id: id, client_request_id: nonce } of linesOf(audit)) {
      if (id === undefined) continue
      const call = calls.get(id) ?? { nonce: '', admitted: false, ended: false, died: false }
      calls.set(id, call)
      if (nonce !== undefined) call.nonce = nonce
      if (event === 'admitted') call.admitted = true
      else if (event === 'worker_died') call.died = true
      else if (event === 'decision') call.ended = true
    }
  }
  return [...calls.values()]
}

function linesOf(file: string): readonly AuditLine[] {
  if (!existsSync(file)) return []
  const text = readFileSync(file, 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AuditLine)
}
