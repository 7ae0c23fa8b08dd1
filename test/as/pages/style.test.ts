// The main button can be read whatever colour the operator chose (WCAG 2.2 §1.4.3), and a colour is all that a colour is.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { styleOf } from '../../../src/as/pages/style.ts'

function channel(value: number): number {
  const part = value / 255
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[0-9a-f]{2}/g) ?? []).map((hex) =>
    channel(Number.parseInt(hex, 16)),
  )
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

test('on any colour there is at least 4.5:1', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffff }), (number) => {
      const colour = `#${number.toString(16).padStart(6, '0')}`
      const [, main = '', on = ''] = /--main: (#\w{6}); --on-main: (#\w{6});/.exec(styleOf(colour)) ?? []
      const [dark = 0, light = 0] = [luminance(main), luminance(on)].sort((one, other) => one - other)
      expect(main).toBe(colour)
      expect((light + 0.05) / (dark + 0.05)).toBeGreaterThanOrEqual(4.5)
    }),
    { numRuns: 2_000 },
  )
})
