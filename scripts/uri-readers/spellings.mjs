// Other ways to write a URI: every mutation that some reader undoes, alone and in pairs. It knows no reader and no policy.

/** Resources that a rule keeps, in their one spelling. */
export const KEPT = [
  'notes://hr/ada',
  'notes://hr:81/ada',
  'ui://hr/view@2',
  "notes://hr/%C3%BCber'x",
  'file:///pub/My%20Secret/a(b).txt',
  'https://internal.example/a/b?q=a%20b&r=c,d',
  'http://[::1]:3000/x',
  'http://127.0.0.1/admin',
  'urn:isbn:0451450523',
  'db+pg://hr/t?where=a%26b',
]

const hex = (text) =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('')
const decoded = (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString()
const START = /^([^:]+:\/\/)([^/?#]*)/

/** One place each. */
const eachOf = (pattern, replace) => (uri) =>
  [...uri.matchAll(pattern)].map(
    ({ index, 0: found }) => uri.slice(0, index) + replace(found) + uri.slice(index + found.length),
  )

const MUTATIONS = [
  (uri) => [uri.toUpperCase(), uri.replace(/^[a-z]/, (letter) => letter.toUpperCase())],
  authority((host) => [
    host.toUpperCase(),
    `@${host}`,
    `me@${host}`,
    `:@${host}`,
    `me:pw@${host}`,
    `%40@${host}`,
  ]),
  authority((host) => [
    `${host}:`,
    `${host}:80`,
    `${host}:443`,
    `${host}:0443`,
    `${host}:00`,
    `${host}.`,
    `${host}:0081`,
  ]),
  authority((host) => [
    `%${host.charCodeAt(0).toString(16)}${host.slice(1)}`,
    `\uff48${host.slice(1)}`,
    `\u00ad${host}`,
  ]),
  authority((host) => [
    host.replace('::1', '0:0:0:0:0:0:0:1'),
    host.replace('127.0.0.1', '2130706433'),
    host.replace('127.0.0.1', '0x7f.1'),
  ]),
  (uri) =>
    ['file:///', 'file://localhost/', 'file:/', 'file:////', 'file:\\\\\\'].map((start) =>
      uri.replace('file:///', start),
    ),
  (uri) => [
    uri.replace('://', ':/'),
    uri.replace('://', ':'),
    uri.replace('://', ':///'),
    uri.replace('//', '\\\\'),
  ],
  behind(eachOf(/[A-Za-z0-9]/g, hex)),
  behind(eachOf(/[!$&'()*+,;=:@]/g, hex)),
  behind(eachOf(/[!$&'()*+,;=:@A-Za-z]/g, (found) => hex(found).toLowerCase())),
  behind(eachOf(/(?:%[0-9A-F]{2})+/g, (found) => found.toLowerCase())),
  behind(eachOf(/(?:%[0-9A-F]{2})+/g, (found) => decoded(found))),
  behind(eachOf(/(?:%[0-9A-F]{2})+/g, (found) => hex(decoded(found).normalize('NFD')))),
  behind(eachOf(/(?:%[0-9A-F]{2})+/g, (found) => decoded(found).normalize('NFD'))),
  behind(eachOf(/%20/g, () => '+')),
  behind(eachOf(/\//g, (found) => hex(found))),
  behind(eachOf(/\//g, () => '\\')),
  behind(eachOf(/\//g, () => '//')),
  behind(eachOf(/\//g, () => '/./')),
  behind(eachOf(/\//g, () => '/x/../')),
  behind(eachOf(/\//g, () => '/%2e/')),
  behind(eachOf(/\//g, () => '/x/.%2E/')),
  behind(eachOf(/(?<=.)(?=.)/g, () => '\t')),
  behind(eachOf(/(?<=.)(?=.)/g, () => '\n')),
  (uri) => [` ${uri}`, `${uri} `, `${uri}\u0000`, `\u0001${uri}`, `${uri}\r\n`],
  (uri) => [`${uri}?`, `${uri}#`, `${uri}#x`, `${uri}#/x/y`, `${uri}?#`],
  (uri) => (uri.includes('?') ? [uri.replace('?', '?&'), `${uri}&`] : [`${uri}?x`, `${uri}?x=/y/z`]),
]

function authority(changes) {
  return (uri) => {
    const [whole = '', start, host] = START.exec(uri) ?? []
    return host ? changes(host).map((changed) => start + changed + uri.slice(whole.length)) : []
  }
}

function behind(each) {
  return (uri) => {
    const [start = ''] = /^[^:]+:(?:\/\/[^/?#]*)?/.exec(uri) ?? []
    return each(uri.slice(start.length)).map((rest) => start + rest)
  }
}

/** Without the URI itself. Of pairs, the first two of each mutation, since they are many. */
export function spellingsOf(uri) {
  const single = MUTATIONS.flatMap((mutate) => mutate(uri))
  const few = MUTATIONS.flatMap((mutate) => mutate(uri).slice(0, 2))
  const pairs = few.flatMap((once) => MUTATIONS.flatMap((mutate) => mutate(once).slice(0, 1)))
  return [...new Set([...single, ...pairs])].filter((spelling) => spelling !== uri)
}
