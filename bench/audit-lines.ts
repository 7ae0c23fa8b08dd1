// Asserts that the gateway really kept its audit while it was measured: a JSON line for each answered request.
import { ok } from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** Reads the file of a gateway that was stopped. */
export async function assertAudited(file: string, requests: number): Promise<void> {
  let allowed = 0
  for await (const line of createInterface({ input: createReadStream(file) })) {
    ok(isObject(line), `a line of the audit is not a JSON object: ${line.slice(0, 80)}`)
    if (line.includes('"decision":"allowed"')) allowed++
  }
  ok(
    allowed >= requests,
    `the audit has ${allowed} allowed calls, fewer than the ${requests} that were answered`,
  )
}

function isObject(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object'
  } catch {
    return false
  }
}
