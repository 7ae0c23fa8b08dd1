// Docker Compose: read as YAML, since there is no container engine where the tests run; the gateway's file is read as the
// gateway reads it, and the balancer's by HAProxy where it is installed.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { DEPLOY, missing, problemsOf } from './manifests.ts'

const FOLDER = join(DEPLOY, 'compose')
const textOf = (name: string) => readFileSync(join(FOLDER, name), 'utf8')

interface Service {
  readonly ports?: readonly string[]
  readonly networks: readonly string[]
  readonly environment?: readonly string[] | Readonly<Record<string, string>>
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly networks: Readonly<Record<string, { internal?: boolean } | null>>
}

describe('deploy/compose', () => {
  const { services, networks } = parse(textOf('compose.yaml')) as Compose

  test('only the balancer publishes a port, on this machine alone', () => {
    const published = Object.entries(services).flatMap(([name, { ports = [] }]) =>
      ports.map((port) => [name, port]),
    )
    expect(published).toEqual([['balancer', '127.0.0.1:8080:8080']])
  })

  test('the server and the data stand in networks that lead nowhere and hold no balancer', () => {
    const membersOf = (network: string) =>
      Object.keys(services).filter((name) => services[name]?.networks.includes(network))
    expect(membersOf('servers')).toEqual(['portcullis', 'notes'])
    expect(membersOf('data')).toEqual(['portcullis', 'valkey', 'postgres'])
    expect([networks['servers'], networks['data']]).toEqual([{ internal: true }, { internal: true }])
  })

  test('the example of .env has every variable that is asked for, and no value', () => {
    const asked = new Set([...textOf('compose.yaml').matchAll(/\$\{(\w+):\?\}/g)].map(([, name]) => name))
    for (const { environment } of Object.values(services)) {
      if (Array.isArray(environment)) for (const name of environment) asked.add(name)
    }
    const lines = textOf('.env.example')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
    expect(lines.sort()).toEqual([...asked].map((name) => `${name}=`).sort())
  })

  test('run takes the file', () => {
    expect(problemsOf(textOf('gateway.yaml'))).toEqual([])
  })

  test('the balancer asks who still takes requests, and tells when a client has left', () => {
    expect(textOf('gateway.yaml')).toMatch(/^public_health: true\ndrain_delay: 5s$/m)
    const [defaults = '', backend = ''] = textOf('haproxy.cfg').split(/^backend/m)
    expect(backend).toContain('option httpchk GET /readyz/shutdown')
    expect(defaults).toMatch(/^defaults\n(?: {2}.*\n)* {2}option abortonclose/m)
  })

  const reason = missing(['/usr/sbin/haproxy', '-v'])
  test.skipIf(reason !== undefined)('HAProxy takes its file', () => {
    const { status, stderr } = spawnSync('/usr/sbin/haproxy', ['-c', '-f', join(FOLDER, 'haproxy.cfg')], {
      encoding: 'utf8',
    })
    expect(status, stderr).toBe(0)
  })
})
