// What the demo prints: marks, details, and for a step that went wrong what was expected and seen.
import { describe, expect, test } from 'vitest'
import { createTranscript, expectSame, expectThat, step } from '../../../src/cli/demo/transcript.ts'
import { recordingIo } from '../shared/recording-io.ts'

async function tell(run: () => Promise<readonly string[]>, colour = false) {
  const io = recordingIo()
  const transcript = createTranscript({ stdout: io.stdout, colour })
  const well = await step(transcript, 'a step', run)
  return { well, out: io.out(), count: transcript.count }
}

describe('step', () => {
  test('that goes well', async () => {
    expect(await tell(async () => ['detail'])).toEqual({
      well: true,
      count: 1,
      out: '  ✓ a step\n      detail\n',
    })
  })

  test.each<[string, () => void, string]>([
    [
      'another value',
      () => expectSame('status', 200, 401),
      'status\n      expected: 401\n      seen:     200\n',
    ],
    ['nothing', () => expectSame('x', undefined, [1]), 'x\n      expected: [1]\n      seen:     nothing\n'],
    ['a broken promise', () => expectThat('x', false, 'a', 'b'), 'x\n      expected: a\n      seen:     b\n'],
    [
      'an error',
      () => {
        throw new TypeError('fetch failed')
      },
      'TypeError: fetch failed\n',
    ],
  ])('that sees %s', async (_, fail, told) => {
    const outcome = await tell(async () => {
      fail()
      return []
    })
    expect(outcome).toEqual({ well: false, count: 0, out: `  ✗ a step\n      ${told}` })
  })

  test('has colours only when told so', async () => {
    expect((await tell(async () => [], true)).out).toBe('  \u001b[32m✓\u001b[39m a step\n')
    expect((await tell(async () => [], false)).out).not.toContain('\u001b')
  })
})
