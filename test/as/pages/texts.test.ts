// The texts of the pages: each language says the same as English, no page has a text of its own, and Accept-Language
// chooses. The syntax trees are those of the compiler itself.
import { join } from 'node:path'
import {
  isImportDeclaration,
  isNewExpression,
  isNoSubstitutionTemplateLiteral,
  isStringLiteral,
  isTaggedTemplateExpression,
  isTemplateExpression,
  type Node,
} from 'typescript/unstable/ast'
import { API } from 'typescript/unstable/sync'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ENGLISH, type TextKey } from '../../../src/as/pages/texts/english.ts'
import { languageFor, TRANSLATIONS } from '../../../src/as/pages/texts/languages.ts'
import { localeFor } from '../../../src/as/pages/texts/locale.ts'
import { SOURCES } from '../../support/sources.ts'
import { type Scene, startScene } from '../support/scene.ts'

const ROOT = join(import.meta.dirname, '../../..')
const KEYS = Object.keys(ENGLISH) as TextKey[]
const LANGUAGES = [...TRANSLATIONS.keys()].filter((language) => language !== 'en')

function slotsOf(text: string): readonly string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).sort()
}

describe.each(LANGUAGES)('in %s', (language) => {
  const translation = TRANSLATIONS.get(language) ?? {}

  test('no text that English does not have, and the same words in braces', () => {
    const said = Object.entries(translation)
    expect(said.length).toBeGreaterThan(0)
    for (const [key, text] of said) {
      const english: string | undefined = ENGLISH[key as TextKey]
      expect(english, key).toBeDefined()
      expect(slotsOf(text), key).toEqual(slotsOf(english ?? ''))
      expect(text, key).not.toMatch(/[<>]|^\s|\s$|^$/)
    }
  })

  test('the proof that it works is whole', () => {
    expect(KEYS.filter((key) => translation[key] === undefined)).toEqual([])
  })
})

test('what a language has no words for is said in English', () => {
  const german = TRANSLATIONS.get('de') as Record<string, string>
  const kept = german['allow'] as string
  delete german['allow']
  try {
    expect(localeFor('de').text('allow')).toBe('Allow')
  } finally {
    german['allow'] = kept
  }
})

test('what is filled in is escaped where it is markup, and never read as a text again', () => {
  const locale = localeFor('en')
  expect(locale.text('connectClient', { client: '{client} <b>' })).toBe('Connect {client} <b>')
  expect(String(locale.markup('connectClient', { client: '{client} <b>' }))).toBe(
    'Connect {client} &lt;b&gt;',
  )
})

test('times and days as people of the language write them', () => {
  expect(['en', 'de', 'fr'].map((one) => localeFor(one).duration(60))).toEqual([
    '60 seconds',
    '60 Sekunden',
    '60\u00a0secondes',
  ])
  expect(localeFor('de').duration(60 * 15)).toBe('15 Minuten')
  expect(localeFor('fr').day(0)).toBe('1 janvier 1970')
})

describe('RFC 9110 §12.5.4, RFC 4647 §3.4: Accept-Language', () => {
  test.each([
    [undefined, 'en'],
    ['', 'en'],
    ['de', 'de'],
    ['DE-at', 'de'],
    ['de-Latn-DE-1996-x-private', 'de'],
    ['fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5', 'fr'],
    ['it, de;q=0.4, fr;q=0.6', 'fr'],
    ['it', 'en'],
    ['*', 'en'],
    ['*, de;q=0.5', 'de'],
    ['de;q=0, fr;q=0.001', 'fr'],
    ['de;q=0', 'en'],
    ['de;q=1.5, fr;q=0.2', 'fr'],
    ['de;level=1', 'en'],
    ['de ; q=0.2 ,\tfr ; Q=0.9', 'fr'],
    ['de, fr', 'de'],
    ['deutsch, -, ,;, de-', 'de'],
    ['../de', 'en'],
    ['__proto__', 'en'],
  ])('%s: %s', (accepted, language) => {
    expect(languageFor(accepted)).toBe(language)
  })

  test('what is too long is not read', () => {
    expect(languageFor(`${'it, '.repeat(300)}de`)).toBe('en')
    expect(languageFor(`de${'-abcdefgh'.repeat(5)}, fr;q=0.1`)).toBe('fr')
  })
})

describe('a page', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await startScene()
  })
  afterAll(() => scene.close())
  const get = (language: string) =>
    fetch(`${scene.origin}/account`, { headers: { 'accept-language': language } })

  test.each([
    ['en', 'Sign in', 'Password'],
    ['de', 'Anmelden', 'Passwort'],
    ['fr', 'Se connecter', 'Mot de passe'],
  ])('in %s', async (language, heading, label) => {
    const answer = await get(`${language}-CH, en;q=0.5`)
    const body = await answer.text()
    expect(answer.headers.get('vary')).toBe('accept-language')
    expect(body).toContain(`<html lang="${language}">`)
    expect(body).toContain(`<h1>${heading}</h1>`)
    expect(body).toContain(`<label for="password">${label}</label>`)
  })

  test('of the engine, too', async () => {
    const answer = await fetch(scene.authorizeUrl('nobody'), { headers: { 'accept-language': 'de' } })
    expect(answer.status).toBe(400)
    expect(answer.headers.get('vary')).toContain('accept-language')
    expect(await answer.text()).toContain('ist nicht oder nicht mehr bekannt')
  })
})

/** Texts in templates of markup, outside tags, and strings of several words. */
function textsOf(root: Node): string[] {
  const found: string[] = []
  const visit = (node: Node): void => {
    if (isImportDeclaration(node) || isNewExpression(node)) return // what is thrown is for the log
    if (isTaggedTemplateExpression(node)) found.push(...readableIn(markupOf(node)))
    if (isStringLiteral(node) && /\p{L}{2,} \p{L}/u.test(node.text) && !node.text.includes("'"))
      found.push(node.text)
    node.forEachChild(visit)
  }
  visit(root)
  return found
}

function markupOf(node: Node): string {
  const parts: string[] = []
  node.forEachChild((child) => {
    if (isNoSubstitutionTemplateLiteral(child)) parts.push(child.text)
    if (!isTemplateExpression(child)) return
    parts.push(child.head.text, ...child.templateSpans.map(({ literal }) => literal.text))
  })
  return parts.join('\u0000')
}

/** What a person reads or hears: text between tags, and attributes that are read out. */
function readableIn(markup: string): string[] {
  const between = markup
    .replace(/<[^>]*>/g, '\u0000')
    .replace(/ [a-z-]+="[^"]*"/g, '\u0000')
    .split('\u0000')
  const read = [...markup.matchAll(/ (?:alt|aria-label|placeholder|title)="([^"\u0000]+)"/g)]
  return [...between, ...read.map(([, text = '']) => text)].filter((text) => /\p{L}/u.test(text))
}

describe('no page has a text outside the catalogue', () => {
  test('one that had would be found', () => {
    expect(readableIn('<h1>Hello</h1><p>\u0000</p>')).toEqual(['Hello'])
    expect(readableIn('<button type="submit" title="Do it">\u0000</button>')).toEqual(['Do it'])
    expect(readableIn('<p>\u0000</p><form method="post" action="\u0000"> (\u0000) </form>')).toEqual([])
  })

  test('in src/as/pages', { timeout: 120_000 }, () => {
    const api = new API({ cwd: ROOT })
    try {
      const [project] = api.updateSnapshot({ openProject: join(ROOT, 'tsconfig.json') }).getProjects()
      const program = project?.program
      const files = (program?.getSourceFileNames() ?? []).filter(
        (name) => /\/src\/as\/pages\//.test(name) && !/\/texts\/\w+\.ts$/.test(name),
      )
      expect(files.length).toBeGreaterThan(10)
      const found = files.flatMap((name) => {
        const root = program?.getSourceFile(name)
        if (root === undefined) throw new Error(`no syntax tree of ${name}`)
        return textsOf(root).map((text) => `${name.slice(ROOT.length + 1)}: ${text}`)
      })
      expect(found).toEqual([])
    } finally {
      api.close()
    }
  })

  test('and none of the catalogue is without a page', () => {
    const code = SOURCES.filter(({ path }) => !path.startsWith('src/as/pages/texts/'))
      .map((source) => source.code)
      .join('\n')
    expect(KEYS.filter((key) => !code.includes(`'${key}'`))).toEqual([])
  })
})
