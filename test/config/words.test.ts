// The small parsers: durations, sizes, rates, hosts, and the nearest known word.

import { describe, expect, it } from 'vitest'
import { isLinkLocal, isMappedIPv4, parseRange } from '../../src/config/hosts.ts'
import { didYouMean, editDistance, nearest } from '../../src/config/suggest.ts'
import { parseDuration, parseRate, parseSize } from '../../src/config/text.ts'

describe('durations, sizes, rates (Y23)', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['10m', 600_000],
    ['24h', 86_400_000],
    ['2d', 172_800_000],
    ['0s', 0],
  ])('%s', (text, ms) => expect(parseDuration(text)).toBe(ms))
  it.each(['', '5', 's', '1.5s', '-1s', ' 1s', '1s ', '1e3s', '1S', '1w', '9999999999s', '１s', '1s\n'])(
    '%j is no duration',
    (text) => expect(parseDuration(text)).toBeUndefined(),
  )
  it.each([
    ['1B', 1],
    ['1KiB', 1024],
    ['4MiB', 4_194_304],
    ['1GiB', 1_073_741_824],
  ])('%s', (text, bytes) => expect(parseSize(text)).toBe(bytes))
  it.each(['4MB', '4M', '4', 'MiB', '0x4B'])('%j is no size', (text) =>
    expect(parseSize(text)).toBeUndefined(),
  )
  it.each([
    ['1/s', 1, 1],
    ['10/min', 10, 60],
    ['5/h', 5, 3600],
    ['7/d', 7, 86_400],
  ])('%s', (text, count, seconds) => expect(parseRate(text)).toEqual({ count, seconds }))
  it.each(['0/min', '10', '10/m', '/min', '1.5/s', '10 / min', '-1/s'])('%j is no rate', (text) =>
    expect(parseRate(text)).toBeUndefined(),
  )
})

describe('hosts', () => {
  it.each([
    ['169.254.169.254', true],
    ['[fe80::1]', true],
    ['169.253.0.1', false],
    ['metadata', false],
  ])('H49 %s', (host, is) => expect(isLinkLocal(host)).toBe(is))
  it.each([
    ['10.0.0.0/8', 8],
    ['10.1.2.3', 32],
    ['::/0', 0],
    ['fd00::/8', 8],
    ['::1', 128],
  ])('Y24 %s', (text, bits) => expect(parseRange(text)?.bits).toBe(bits))
  it.each(['10.0.0.0/33', '::/129', '10.0.0/8', '10.0.0.0/08', '10.0.0.0/', 'x', '10.0.0.0/-1', '010.0.0.1'])(
    'Y24 %j is no range',
    (text) => expect(parseRange(text)).toBeUndefined(),
  )
  it.each([
    ['::ffff:10.0.0.1', true],
    ['0:0:0:0:0:ffff:a00:1', true],
    ['::1', false],
    ['fd00::ffff:1', false],
  ])('Y24 %s in IPv6', (text, is) => expect(isMappedIPv4(text)).toBe(is))
})

describe('suggestions', () => {
  it.each([
    ['', '', 0],
    ['a', '', 1],
    ['abc', 'abd', 1],
    ['tols', 'tools', 1],
    ['dneial', 'denial', 1],
    ['kitten', 'sitting', 3],
  ])('%j → %j', (a, b, distance) => expect(editDistance(a, b)).toBe(distance))
  it('takes the nearest, and none that is far', () => {
    expect(nearest('audiance', ['audit', 'audience', 'admin'])).toBe('audience')
    expect(nearest('zebra', ['audit', 'audience'])).toBeUndefined()
    expect(nearest('x'.repeat(65), ['x'.repeat(64)])).toBeUndefined()
    expect(didYouMean('tols', ['tools'])).toBe('; did you mean "tools"?')
    expect(didYouMean('tols', [])).toBe('')
  })
})
