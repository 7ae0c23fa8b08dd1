// The worst bodies known, one of each kind: what costs a reader of JSON or a policy the most for its length. A kind is
// one entry of the table.

export interface BodyKind {
  readonly name: string
  /** A body of about so many bytes, and never more. */
  readonly make: (bytes: number) => Buffer
}

const HEAD = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"safe","arguments":'

/** `unit(0)`, `unit(1)`, … between two texts, as many as fit. */
function fill(
  bytes: number,
  start: string,
  unit: (index: number) => string,
  end: string,
  joint = ',',
): string {
  const pieces: string[] = []
  let room = bytes - Buffer.byteLength(start) - Buffer.byteLength(end)
  for (let index = 0; ; index += 1) {
    const piece = unit(index)
    room -= Buffer.byteLength(piece) + joint.length
    if (room < 0) return start + pieces.join(joint) + end
    pieces.push(piece)
  }
}

/** Arguments of a tool that is allowed. */
function args(
  name: string,
  start: string,
  unit: (index: number) => string,
  end: string,
  joint?: string,
): BodyKind {
  return { name, make: (bytes) => Buffer.from(fill(bytes, HEAD + start, unit, `${end}}}`, joint)) }
}

function whole(
  name: string,
  start: string,
  unit: (index: number) => string,
  end: string,
  joint?: string,
): BodyKind {
  return { name, make: (bytes) => Buffer.from(fill(bytes, start, unit, end, joint)) }
}

const base36 = (index: number) => index.toString(36)
const NESTED = 55
const MESSAGE = (method: string, params: string) =>
  `{"jsonrpc":"2.0","id":1,"method":"${method}","params":${params}}`

export const BODY_KINDS: readonly BodyKind[] = [
  args('one long string', '{"a":"', () => 'x'.repeat(1_000), '"}', ''),
  args('a string of escaped quotes', '{"a":"', () => '\\"', '"}', ''),
  args('a string of unicode escapes', '{"a":"', () => '\\u00e9', '"}', ''),
  args('a string of emoji', '{"a":"', () => '\u{1f600}', '"}', ''),
  args('white space', '{"a":', () => ' '.repeat(100), '1}', ''),
  args('unique member names', '{', (index) => `"${base36(index)}":1`, '}'),
  args('unique member names that look like indices', '{', (index) => `"${index}":1`, '}'),
  args('unique member names with escapes', '{', (index) => `"\\u0061${base36(index)}":1`, '}'),
  args('unique member names beyond ASCII', '{', (index) => `"é${base36(index)}":1`, '}'),
  args('long member names', '{', (index) => `"${base36(index).padStart(200, 'x')}":1`, '}'),
  args('names like known ones', '{', (index) => `"NAME${base36(index)}":1`, '}'),
  args('small objects', '[', () => '{}', ']'),
  args('small objects of one member', '[', () => '{"a":1}', ']'),
  args('small objects of one escaped member', '[', () => '{"\\u0061":1}', ']'),
  args('small objects of one member beyond ASCII', '[', () => '{"é":1}', ']'),
  args('objects of 16 members', '[', () => `{${[...'abcdefghijklmnop'].map((name) => `"${name}":1`)}}`, ']'),
  args(
    'objects of 18 members',
    '[',
    () => `{${[...'abcdefghijklmnopqr'].map((name) => `"${name}":1`)}}`,
    ']',
  ),
  args('small arrays', '[', () => '[]', ']'),
  args('zeros', '[', () => '0', ']'),
  args('words', '[', () => 'null', ']'),
  args('empty strings', '[', () => '""', ']'),
  args('long numbers', '[', () => '1'.repeat(300), ']'),
  args('numbers with exponents', '[', () => '1e9', ']'),
  args('deep nesting', '[', () => '['.repeat(NESTED) + ']'.repeat(NESTED), ']'),
  args('deep nesting of objects', '[', () => `${'{"a":'.repeat(NESTED)}1${'}'.repeat(NESTED)}`, ']'),
  args('many items, then a repeated name', '[', () => '{"a":1}', ',{"a":1,"a":1}]'),
  args('many items, then no JSON', '[', () => '{"a":1}', ',}'),
  whole('nesting too deep', '', () => '['.repeat(100), '', ''),
  whole('a quote without an end', `${HEAD}{"`, () => '\\"', '', ''),
  whole(
    'a long name of a tool',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"',
    () => 'y'.repeat(100),
    '"}}',
    '',
  ),
  whole(
    'a long name of a tool that fits patterns',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"',
    () => 'x',
    '"}}',
    '',
  ),
  whole(
    'a long name of a prompt',
    '{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"',
    () => 'x',
    '"}}',
    '',
  ),
  whole(
    'a long URI',
    '{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"',
    () => 'A',
    '"}}',
    '',
  ),
  whole('a long id', '{"jsonrpc":"2.0","method":"tools/list","id":"', () => 'x', '"}', ''),
  whole('a long method', '{"jsonrpc":"2.0","id":1,"method":"', () => 'x', '"}', ''),
  whole(
    'a long task id',
    '{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"taskId":"',
    () => 'x',
    '"}}',
    '',
  ),
  ...['A', 'a/', 'file:///srv/a/b', 'file:///x?a=%C3%BC'].map((unit) =>
    whole(
      `a list of URIs of ${JSON.stringify(unit)}`,
      '{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"resourceSubscriptions":[',
      () => `"${unit.repeat(Math.floor(8_000 / unit.length))}"`,
      ']}}}',
    ),
  ),
  whole(
    'a list of short URIs',
    '{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"resourceSubscriptions":[',
    (index) => `"file:///pub/${base36(index)}"`,
    ']}}}',
  ),
  whole(
    'a batch of long URIs',
    '[',
    () => MESSAGE('resources/read', `{"uri":"file:///pub/${'x'.repeat(20_000)}"}`),
    ']',
  ),
  whole(
    'a batch of calls',
    '[',
    (index) => MESSAGE('tools/call', `{"name":"safe","arguments":{"a":${index}}}`),
    ']',
  ),
  whole(
    'a batch of large calls',
    '[',
    () => MESSAGE('tools/call', `{"name":"safe","arguments":{"a":[${'0,'.repeat(10_000)}0]}}`),
    ']',
  ),
  whole('a batch of empty objects', '[', () => '{}', ']'),
  whole(
    'members beside the known ones',
    '{"jsonrpc":"2.0","id":1,"method":"tools/list",',
    (index) => `"${base36(index)}x":1`,
    '}',
  ),
  whole(
    'members of _meta',
    '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{',
    (index) => `"${base36(index)}/x":1`,
    '}}}',
  ),
]
