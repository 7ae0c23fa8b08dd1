// Event streams that are valid, odd and broken, from a seed.
import { randomFrom } from '../random.mjs'

const LINES = [
  ...['data: {"jsonrpc":"2.0","id":1,"result":{}}', 'data: {"é":1}', 'data:  x', 'data:', 'data', 'data: '],
  ...['data: 😀', 'data:a:b', 'event: message', 'event: endpoint', 'event:', 'event', 'id: 7', 'id', 'id:\0'],
  ...['retry: 5', ': ping', ':', '::', 'junk', ' data: a', 'Data: a', 'data : a', 'datum: a', '\tdata: a'],
].map((line) => Buffer.from(line))
const ENDS = ['\n', '\n', '\n', '\r\n', '\r\n', '\r'].map((end) => Buffer.from(end))
const MARK = Buffer.from('\ufeff')
const ODD = ['d', 'a', 't', ':', ' ', '\n', '\r', '\0', '\ufeff', 'é', '\u2028', '\x85']
const BROKEN = [[0xff], [0xe2, 0x82], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xef, 0xbb], [0xf0, 0x9f]]
const NOTHING = Buffer.alloc(0)

export function streamsFrom(seed) {
  const random = randomFrom(seed)
  const below = (count) => Math.floor(random() * count)
  const pick = (list) => list[below(list.length)]
  const chance = (share) => random() < share
  const odd = () => (chance(0.2) ? Buffer.from(pick(BROKEN)) : Buffer.from(pick(ODD)))
  const line = () => {
    if (chance(0.3)) return NOTHING // a blank one
    const bytes = pick(LINES)
    if (!chance(0.15)) return bytes
    const at = below(bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, at), odd(), bytes.subarray(at + below(2))])
  }
  return () => {
    const pieces = chance(0.1) ? [MARK] : []
    const usual = pick(ENDS)
    for (let left = 1 + below(28); left > 0; left -= 1) {
      if (chance(0.02)) pieces.push(MARK)
      pieces.push(line(), chance(0.7) ? usual : pick(ENDS))
    }
    if (chance(0.2)) pieces.push(line())
    return Buffer.concat(pieces)
  }
}
