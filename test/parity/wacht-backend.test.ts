// Wacht's own client was run against a recorder (scripts/record-wacht.mjs). The gateway's question is the same, byte for
// byte.
import { readFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { WachtSettings } from '../../src/core/settings-verifier.ts'
import { startWacht } from '../support/wacht.ts'
import { KEEPING, openJudged } from '../token/judged.ts'
import { fakeClock } from '../token/scene.ts'

interface Question {
  readonly principalType: WachtSettings['principal']
  readonly principalValue: string
  readonly resource: string
  readonly method: string
  readonly clientIp?: string
  readonly userAgent?: string
  readonly requiredPermissions?: readonly string[]
}

interface Recording {
  readonly package: string
  readonly version: string
  readonly questions: readonly {
    readonly question: Question
    readonly sent: {
      readonly method: string
      readonly path: string
      readonly type: string
      readonly body: string
    }
  }[]
}

const {
  package: name,
  version,
  questions,
} = JSON.parse(readFileSync(new URL('recordings/wacht-backend.json', import.meta.url), 'utf8')) as Recording

describe(`the question of ${name} ${version}`, () => {
  test.each(questions)('$question.principalType', async ({ question, sent }) => {
    const wacht = await startWacht({ issuer: () => 'https://login.example', resource: () => 'any' })
    onTestFinished(() => wacht.close())
    const judge: WachtSettings = {
      ...{ kind: 'wacht', gatewayUrl: wacht.url, principal: question.principalType, app: 'notes-app' },
      ...{
        requiredPermissions: question.requiredPermissions,
        machineTokens: false,
        timeoutMs: 3_000,
        ...KEEPING,
      },
    }
    await openJudged(judge, fakeClock()).verify(question.principalValue, {
      ...{ method: question.method, url: `https://gateway.example${question.resource}` },
      address: question.clientIp,
      userAgent: () => question.userAgent,
    })
    expect(
      wacht.requests.map(({ method, path, headers, body }) => ({
        method,
        path,
        type: headers['content-type'],
        body,
      })),
    ).toEqual([sent])
    expect(wacht.requests[0]?.headers).not.toHaveProperty('authorization')
  })
})
