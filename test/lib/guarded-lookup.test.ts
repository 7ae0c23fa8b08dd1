// Where an upstream's name may not lead.
import dns from 'node:dns'
import type { LookupFunction } from 'node:net'
import { expect, test, vi } from 'vitest'
import { guardedLookup, isForbiddenAddress } from '../../src/lib/guarded-lookup.ts'

test.each([
  ['169.254.169.254', true],
  ['169.254.0.1', true],
  ['fe80::1', true],
  ['febf::1', true],
  ['fd00:ec2::254', true],
  ['::ffff:169.254.169.254', true],
  ['::ffff:a9fe:a9fe', true],
  ['169.253.255.255', false],
  ['127.0.0.1', false],
  ['10.0.0.1', false],
  ['::1', false],
  ['fd00:ec2::255', false],
  ['::ffff:10.0.0.1', false],
  ['example.com', false],
])('H49 %s is forbidden: %s', (address, expected) => expect(isForbiddenAddress(address)).toBe(expected))

interface Entry {
  readonly address: string
  readonly family: number
}

function check(answers: readonly Entry[], all: boolean): Promise<{ code: string | undefined; got: unknown }> {
  vi.spyOn(dns, 'lookup').mockImplementation(((
    _name: string,
    _options: object,
    done: (...parts: unknown[]) => void,
  ) => {
    if (all) done(null, answers)
    else done(null, answers[0]?.address, answers[0]?.family)
  }) as unknown as typeof dns.lookup)
  const { promise, resolve } = Promise.withResolvers<{ code: string | undefined; got: unknown }>()
  const done: Parameters<LookupFunction>[2] = (error, got) =>
    resolve({ code: error?.code, got: error ? undefined : got })
  guardedLookup('upstream.example', { all }, done)
  return promise
}

const PUBLIC = { address: '192.0.2.1', family: 4 }
const METADATA = { address: '169.254.169.254', family: 4 }

test('H49 an ordinary answer is used', async () => {
  expect(await check([PUBLIC], false)).toEqual({ code: undefined, got: '192.0.2.1' })
  expect(await check([PUBLIC], true)).toEqual({ code: undefined, got: [PUBLIC] })
})

test('H49 a name that leads to the metadata service is refused, also among others', async () => {
  expect((await check([METADATA], false)).code).toBe('EFORBIDDEN')
  expect((await check([PUBLIC, METADATA], true)).code).toBe('EFORBIDDEN')
  expect((await check([{ address: '::ffff:169.254.169.254', family: 6 }], true)).code).toBe('EFORBIDDEN')
})
