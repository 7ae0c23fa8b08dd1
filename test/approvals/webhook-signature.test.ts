// Signatures against the reference library of Standard Webhooks (npm standardwebhooks 1.1.1): each verifies what the other
// signs, and both refuse what was changed.
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { isWebhookFrom, MAX_SKEW_SECONDS, signWebhook } from '../../src/approvals/webhook-signature.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const OTHER = 'whsec_dGhpcyBpcyBhbm90aGVyIHNlY3JldCBvZiAzMiBieXRlcw=='
const BODY = '{"type":"approval.decided","data":{"é":1}}'
const now = Date.now()
const seconds = (ms: number) => String(Math.floor(ms / 1_000))

const theirs = (secret = SECRET, at = now) => ({
  id: 'msg_1',
  timestamp: seconds(at),
  signature: new Webhook(secret).sign('msg_1', new Date(at), BODY),
})
const accepts = (sent: ReturnType<typeof theirs>, body = BODY) =>
  isWebhookFrom(SECRET, sent, Buffer.from(body), now)

test('the reference library verifies what is signed here', () => {
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': seconds(now),
    'webhook-signature': signWebhook(SECRET, 'msg_1', seconds(now), BODY),
  }
  expect(new Webhook(SECRET).verify(BODY, headers)).toEqual(JSON.parse(BODY))
  expect(() => new Webhook(OTHER).verify(BODY, headers)).toThrow()
})

describe('what the reference library signs', () => {
  test('is accepted, also beside the signature of another secret', () => {
    expect(accepts(theirs())).toBe(true)
    expect(accepts({ ...theirs(), signature: `${theirs(OTHER).signature} ${theirs().signature}` })).toBe(true)
  })

  const late = MAX_SKEW_SECONDS * 1_000
  test.each([
    ['another secret', theirs(OTHER), BODY],
    ['another body', theirs(), `${BODY} `],
    ['another id', { ...theirs(), id: 'msg_2' }, BODY],
    ['another time', { ...theirs(), timestamp: seconds(now + 1_000) }, BODY],
    ['too old', theirs(SECRET, now - late - 1_000), BODY],
    ['too far ahead', theirs(SECRET, now + late + 2_000), BODY],
    ['a time that is no number', { ...theirs(), timestamp: '1e9' }, BODY],
    ['no signature', { ...theirs(), signature: '' }, BODY],
    ['another version', { ...theirs(), signature: theirs().signature.replace('v1', 'v1a') }, BODY],
    ['a shorter signature', { ...theirs(), signature: theirs().signature.slice(0, -8) }, BODY],
    ['no id', { ...theirs(), id: '' }, BODY],
  ])('is refused with %s', (_what, sent, body) => {
    expect(accepts(sent, body)).toBe(false)
  })
})
