import { describe, expect, it } from 'vitest'
import { isJudgeableUri, templatePrefix } from '../../src/policy/uri.ts'

describe('M52: which URIs are judged at all', () => {
  const cases: readonly [uri: string, judged: boolean][] = [
    ['file:///srv/notes/a.txt', true],
    ['file:///srv/notes/...', true],
    ['file:///srv/notes/.hidden', true],
    ['file:///srv/notes/a..b', true],
    ['notes://a?x=../b', true],
    ['notes://a%20b', true],
    ['file:///srv/My notes/a', false],
    ['file:///srv/My%20notes/a', true],
    ['urn:isbn:0451450523', true],
    ['file:///srv/../secret', false],
    ['file:///srv/./secret', false],
    ['file:///srv/..', false],
    ['file:///srv/..?x', false],
    ['file:///srv/..#x', false],
    ['file:///srv/..;v=1/secret', false],
    ['file:../secret', false],
    ['../secret', false],
    ['file:///srv/%2e%2e/secret', false],
    ['file:///srv/%2E./secret', false],
    ['file:///srv/a%2fb', false],
    ['file:///srv/a%2Fb', false],
    ['file:///srv/a%5cb', false],
    ['file:///srv\\..\\secret', false],
    ['file:///srv/.\t./secret', false],
    ['file:///srv/a\u0000', false],
    ['file:///srv/.. ', false],
    [' file:///srv/a', false],
    ['file:///srv/%C3%BC/a%20b%25', true],
    ['file:///srv/%73ecret', false],
    ['file:///srv/%5Fa', false],
    ['file:///srv/%7ea', false],
    ['file:///srv/%41', false],
    ['file:///srv/a%00b', false],
    ['FILE:///srv/secret', false],
    ['Notes://a', false],
    ['file:/srv/secret', false],
    ['file://localhost/srv/secret', false],
    ['file://SRV/share', false],
    ['file:///srv//secret/a', false],
    ['file:///srv/a?b=//c', true],
    ['https://example.com./a', false],
    ['https://example.com/a//b', true],
    ['file://srv/share', true],
    ['https://example.com', false],
    ['https://example.com/', true],
    ['https://example.com:8443/a?b#c', true],
    ['https://EXAMPLE.com/a', false],
    ['https://example.com:443/a', false],
    ['https://user@example.com/a', false],
    ['https:example.com/a', false],
    ['https:///example.com/a', false],
    ['https://0x7f.1/a', false],
    ['https://ex%61mple.com/a', false],
    ['http://[::1]:3000/a', true],
    ['https://{host}/a', false],
    ['notes://User@Shelf:1/a', false],
    ['notes://Shelf:1/a', true],
    [`file:///${'a'.repeat(8_184)}`, true],
    [`file:///${'a'.repeat(8_185)}`, false],
  ]
  it.each(cases)('%j: %j', (uri, judged) => {
    expect(isJudgeableUri(uri)).toBe(judged)
  })
})

describe('the literal prefix of a template', () => {
  const cases: readonly [template: string, prefix: string | undefined][] = [
    ['notes://{id}', 'notes://'],
    ['notes://a/{+path}{?q}', 'notes://a/'],
    ['{+any}', ''],
    ['notes://a', undefined],
  ]
  it.each(cases)('%j: %j', (template, prefix) => {
    expect(templatePrefix(template)).toBe(prefix)
  })
})
