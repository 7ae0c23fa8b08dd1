// `isUnder` keeps a path in a folder however a server, its framework or its file system reads it.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isUnder } from '../../../src/policy/condition/paths.ts'
import { asked } from './scene.ts'

const code = (unit: string) => `U+${unit.codePointAt(0)?.toString(16).padStart(4, '0')}`

describe('isUnder: a folder that cannot be left', () => {
  const inside = [
    ...['/srv/a/b', '/srv/a/b/c.txt', '/srv/a/.hidden', '/srv/a/..b', '/srv/a/b..', '/srv/a/a b;c'],
    ...['/srv/a/Wait\u2026 what?.txt', '/srv/a/\u4f60\u597d\u3002txt', '/srv/a/\u00bd cup', '/srv/a/e\u0301'],
  ]
  const outside = ['/srv/a', '/srv/a/', '/srv/ab', '/srv/a/../b', '/srv/a/b/..', '/srv/a/./b', '/srv/a//b']
  const disguised = ['/srv/a/%2e%2e/b', '/srv/a/..\\b', '/srv/a/b\0', '/srv/a/b\n', 'srv/a/b', '\\srv\\a\\b']
  it.each(inside)('%j is', (path) => expect(asked('args.path.isUnder("/srv/a/")', { path })).toBe(true))
  it.each([...outside, ...disguised])('%j is not', (path) =>
    expect(asked('args.path.isUnder("/srv/a")', { path })).toBe(false),
  )
})

describe('M80: segments that become dot segments', () => {
  const segments = [
    ...['.. ', ' ..', '. .', '...', ' ', '..\u00a0', '..\u3000', '..;', '..;x=1', '.;x', '..?x', '..#x'],
    ...[
      '..::$INDEX_ALLOCATION',
      '\uff0e\uff0e',
      '\u2025',
      '\u2024\u2024',
      '\ufe52.',
      '\u3002\u3002',
      '\uff61.',
    ],
    ...[
      '.\u200b.',
      '\u202e..',
      '..\ufeff',
      '.\u00ad.',
      '..\ud800',
      '..\u0085',
      '..\uff0fb',
      '..\u2215b',
      '..\uff1bx',
    ],
  ]
  it.each(segments.map((segment) => [JSON.stringify(segment), segment]))('%s', (_told, segment) => {
    expect(isUnder(`/home/ada/${segment}/bob`, '/home/ada')).toBe(false)
    expect(isUnder(`/home/ada/${segment}`, '/home/ada')).toBe(false)
  })

  it('every form that NFKC folds into a dot, a slash, a backslash, an escape or a mark is one', () => {
    const forms = Array.from({ length: 0x110000 }, (_, point) => point)
      .filter((point) => point < 0xd800 || point > 0xdfff)
      .map((point) => String.fromCodePoint(point))
      .filter(
        (form) =>
          /^(?:\.+|[/\\%;?#:!]+)$/.test(form.normalize('NFKC')) && !/^!+$/.test(form.normalize('NFKC')),
      )
    const passed = forms.filter((form) => {
      const folded = form.normalize('NFKC')
      const path = /^\.+$/.test(folded) ? `/a/${form}/x` : `/a/..${form}x`
      return isUnder(path, '/a') !== false
    })
    expect(forms.length).toBeGreaterThan(25)
    expect(passed.map(code)).toEqual([])
  })

  it('nothing that is below the folder leaves it when it is resolved after NFKC', () => {
    const piece = fc.constantFrom(
      '.',
      '..',
      '/',
      ' ',
      ';',
      'a',
      '\uff0e',
      '\uff0f',
      '\u2025',
      '\u200b',
      '%2e',
      '\\',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const path = `/srv/a/${pieces.join('')}`
        fc.pre(isUnder(path, '/srv/a') === true)
        const plain = path
          .normalize('NFKC')
          .replace(/\p{Cf}/gu, '')
          .replace(/;[^/]*/g, '')
        const windows = plain
          .split('/')
          .map((segment) => segment.replace(/[. ]+$/, (end) => (segment === end ? '..' : '')))
        expect(new URL(`file://${plain}`).pathname.startsWith('/srv/a/')).toBe(true)
        expect(new URL(`file://${windows.join('/')}`).pathname.startsWith('/srv/a/')).toBe(true)
      }),
    )
  })
})
