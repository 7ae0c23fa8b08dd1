import { expect, test } from 'vitest'
import { classify, type VersionClaim, type VersionEvidence } from '../../src/mcp/era.ts'

const absent: VersionClaim = { state: 'absent' }
const malformed: VersionClaim = { state: 'malformed' }
const claim = (version: string, missing: readonly string[] = []): VersionClaim => ({
  state: 'present',
  version,
  missing,
})
const full = claim('2026-07-28')
const bare = claim('2026-07-28', ['io.modelcontextprotocol/clientCapabilities'])

function check(kind: VersionEvidence['kind'], method: string, opened: VersionClaim, header?: string): string {
  const result = classify({ kind, method, claim: opened, header })
  return result.ok ? result.value.era : result.refusal.reason
}

const cells: readonly (readonly [
  string,
  VersionEvidence['kind'],
  string,
  VersionClaim,
  string | undefined,
  string,
])[] = [
  ['ERA-02 claim and header agree', 'request', 'tools/list', full, '2026-07-28', 'modern'],
  ['ERA-02 claim without header', 'request', 'tools/list', full, undefined, 'modern'],
  ['ERA-02 claim malformed', 'request', 'tools/list', malformed, '2026-07-28', 'params_invalid'],
  [
    'ERA-02 claim malformed, legacy header',
    'request',
    'tools/list',
    malformed,
    '2025-11-25',
    'params_invalid',
  ],
  ['ERA-02 M36 claim against legacy header', 'request', 'tools/list', full, '2025-11-25', 'header_mismatch'],
  ['ERA-02 M37 claim against an old header', 'request', 'tools/call', full, '2025-03-26', 'header_mismatch'],
  [
    'M36 legacy claim against modern header',
    'request',
    'tools/list',
    claim('2025-11-25'),
    '2026-07-28',
    'header_mismatch',
  ],
  ['T26-07 unknown claim', 'request', 'tools/list', claim('2099-01-01'), '2099-01-01', 'version_unsupported'],
  [
    'T26-07 unknown claim comes before its missing parts',
    'request',
    'x',
    claim('1900-01-01', ['c']),
    '1900-01-01',
    'version_unsupported',
  ],
  ['T26-07 legacy claim', 'request', 'tools/list', claim('2025-11-25'), '2025-11-25', 'version_unsupported'],
  ['T26-07 empty claim', 'request', 'tools/list', claim(''), undefined, 'version_unsupported'],
  ['T26-18 no capabilities', 'request', 'tools/list', bare, '2026-07-28', 'params_invalid'],
  ['T26-18 a notification needs none', 'notification', 'notifications/x', bare, '2026-07-28', 'modern'],
  ['ERA-02 modern header, no claim', 'request', 'tools/list', absent, '2026-07-28', 'params_invalid'],
  ['ERA-02 modern header, notification', 'notification', 'notifications/x', absent, '2026-07-28', 'modern'],
  ['ERA-02 claim in a notification', 'notification', 'notifications/x', full, undefined, 'modern'],
  [
    'ERA-02 malformed claim in a notification',
    'notification',
    'notifications/x',
    malformed,
    undefined,
    'params_invalid',
  ],
  [
    'ERA-02 mismatch in a notification',
    'notification',
    'notifications/x',
    full,
    '2025-11-25',
    'header_mismatch',
  ],
  ['ERA-02 initialize', 'request', 'initialize', absent, undefined, 'legacy'],
  [
    'LEG-05 initialize with a header of no known revision',
    'request',
    'initialize',
    absent,
    '2024-10-07',
    'legacy',
  ],
  ['ERA-02 initialize with modern header', 'request', 'initialize', absent, '2026-07-28', 'header_mismatch'],
  ['ERA-02 initialize with a later header', 'request', 'initialize', absent, '2099-01-01', 'header_mismatch'],
  ['ERA-02 initialize with half a claim', 'request', 'initialize', bare, undefined, 'legacy'],
  ['ERA-02 initialize with a malformed claim', 'request', 'initialize', malformed, undefined, 'legacy'],
  ['ERA-02 initialize with a full claim is modern', 'request', 'initialize', full, '2026-07-28', 'modern'],
  ['ERA-02 nothing', 'request', 'tools/list', absent, undefined, 'legacy'],
  ['LEG-05 2024-11-05', 'request', 'tools/list', absent, '2024-11-05', 'legacy'],
  ['LEG-05 2025-03-26', 'request', 'tools/list', absent, '2025-03-26', 'legacy'],
  ['LEG-05 2025-06-18', 'request', 'tools/list', absent, '2025-06-18', 'legacy'],
  ['LEG-05 2025-11-25', 'notification', 'notifications/initialized', absent, '2025-11-25', 'legacy'],
  ['LEG-05 unknown', 'request', 'tools/list', absent, '1900-01-01', 'version_unsupported'],
  ['LEG-05 unknown later', 'request', 'tools/list', absent, '2099-01-01', 'version_unsupported'],
  ['LEG-05 no date', 'request', 'tools/list', absent, 'DRAFT-2026-v1', 'version_unsupported'],
  [
    'LEG-05 two in one line',
    'request',
    'tools/list',
    absent,
    '2025-11-25, 2025-11-25',
    'version_unsupported',
  ],
  ['LEG-05 empty', 'request', 'tools/list', absent, '', 'version_unsupported'],
  ['ERA-02 response', 'response', '', absent, undefined, 'legacy'],
  ['ERA-02 response, legacy header', 'response', '', absent, '2025-06-18', 'legacy'],
  ['M19 response, modern header', 'response', '', absent, '2026-07-28', 'message_invalid'],
  ['LEG-05 response, unknown header', 'response', '', absent, '2099-01-01', 'version_unsupported'],
]

test.each(cells)('%s', (_, kind, method, opened, header, expected) => {
  expect(check(kind, method, opened, header)).toBe(expected)
})

const LEGACY = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05']

test.each([
  [
    'a claim',
    { kind: 'request', method: 'tools/list', claim: claim('2099-01-01'), header: undefined },
    ['2026-07-28'],
  ],
  [
    'a header',
    { kind: 'request', method: 'x', claim: absent, header: '1900-01-01' },
    ['2026-07-28', ...LEGACY],
  ],
  ['a response', { kind: 'response', method: '', claim: absent, header: '1900-01-01' }, LEGACY],
] as const)('T26-07 the versions to offer for %s, newest first', (_case, opening, supported) => {
  expect(classify(opening)).toMatchObject({ refusal: { reason: 'version_unsupported', supported } })
})

test('the version is what the client named', () => {
  expect(classify({ kind: 'request', method: 'x', claim: full, header: undefined })).toMatchObject({
    value: { version: '2026-07-28' },
  })
  expect(classify({ kind: 'request', method: 'x', claim: absent, header: '2025-06-18' })).toMatchObject({
    value: { version: '2025-06-18' },
  })
})
