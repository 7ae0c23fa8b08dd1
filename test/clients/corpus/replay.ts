// Plays one flow of a client at a gateway, request by request with the headers and bodies of its file, and compares each
// answer with what this client needs.
import { createHash, randomBytes } from 'node:crypto'
import { type ClientRequest, request as httpRequest } from 'node:http'
import { expect } from 'vitest'
import type { DemoPerson } from '../../../src/cli/demo/person.ts'
import { type Came, lastMessage, learn, parametersOf } from './answers.ts'
import type { Exchange, Expected, Flow } from './format.ts'
import { fill, type Variables } from './variables.ts'

export interface Scene {
  readonly variables: Variables
  readonly person: DemoPerson
  /** Streams that stay open until the flow ends. */
  readonly open: Set<ClientRequest>
}

export async function replay({ steps }: Flow, scene: Scene): Promise<void> {
  try {
    for (const { step, exchanges } of steps)
      for (const [index, exchange] of exchanges.entries()) {
        const where = `${step}, ${index + 1}: ${exchange.send}`
        await (exchange.send.startsWith('browser ') ? browse : send)(exchange, scene, where)
      }
  } finally {
    for (const stream of scene.open) stream.destroy()
  }
}

async function browse(
  { send: line, query = {}, gets }: Exchange,
  scene: Scene,
  where: string,
): Promise<void> {
  const { variables } = scene
  const verifier = randomBytes(32).toString('base64url')
  variables.set('code_verifier', verifier)
  variables.set('code_challenge', createHash('sha256').update(verifier).digest('base64url'))
  variables.set('state', randomBytes(16).toString('base64url'))
  const url = new URL(fill(line.slice('browser '.length), variables))
  for (const [name, value] of Object.entries(fill(query, variables))) url.searchParams.append(name, value)
  const landed = await scene.person.browse(url)
  const { code, ...expected } = gets.query ?? {}
  const came = Object.fromEntries(landed.searchParams)
  expect(came, where).toEqual({
    ...fill(expected, variables),
    ...(code === undefined ? {} : { code: expect.any(String) }),
  })
  const redirect = query['redirect_uri']
  if (redirect !== undefined) expect(landed.href.startsWith(fill(redirect, variables)), where).toBe(true)
  if (came['code'] !== undefined) variables.set('code', came['code'])
}

async function send(exchange: Exchange, scene: Scene, where: string): Promise<void> {
  const asked = fill({ ...exchange, gets: undefined }, scene.variables)
  const answers = await Promise.all(
    Array.from({ length: exchange.times ?? 1 }, () => exchangeOnce(asked, scene)),
  )
  for (const came of answers) {
    expect(came.status, `${where}\n${came.body.slice(0, 500)}`).toBe(exchange.gets.status)
    learn(came, scene.variables)
    compare(came, fill(exchange.gets, scene.variables), where)
  }
}

function compare(came: Came, expected: Expected, where: string): void {
  if (expected.challenge !== undefined) {
    const parameters = parametersOf(came.headers['www-authenticate'] ?? '')
    expect(came.headers['www-authenticate'], where).toMatch(/^Bearer /)
    const said = Object.entries(expected.challenge)
    for (const [name, value] of said) expect(parameters[name] ?? '', `${where}: ${name}`).toBe(value)
  }
  for (const [name, value] of Object.entries(expected.headers ?? {}))
    expect((came.headers[name] ?? '').split(';')[0], `${where}: ${name}`).toBe(value)
  if (expected.json !== undefined)
    expect({ is: JSON.parse(came.body) }, where).toMatchObject({ is: loose(expected.json) })
  if (expected.event !== undefined)
    expect({ is: lastMessage(came.body) }, where).toMatchObject({ is: loose(expected.event) })
}

/** `{any}` stands for whatever is there. */
function loose(value: unknown): unknown {
  if (value === '{any}') return expect.anything()
  if (Array.isArray(value)) return value.map(loose)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, loose(item)]))
}

function exchangeOnce(
  { send: line, headers = {}, query, json, form }: Omit<Exchange, 'gets'>,
  scene: Scene,
): Promise<Came> {
  const [method = '', address = ''] = line.split(' ')
  const url = new URL(address)
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.append(name, value)
  const body = json !== undefined ? JSON.stringify(json) : form && new URLSearchParams(form).toString()
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  return new Promise((resolve, reject) => {
    const asking = httpRequest(
      url,
      { method, headers: { ...headers, ...length }, agent: false },
      (response) => {
        const head = { status: response.statusCode ?? 0, headers: response.headers as Came['headers'] }
        const listens =
          method === 'GET' && head.headers['content-type']?.startsWith('text/event-stream') === true
        if (listens) {
          scene.open.add(asking)
          return resolve({ ...head, body: '' })
        }
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => resolve({ ...head, body: Buffer.concat(chunks).toString() }))
        response.on('error', reject)
      },
    )
    asking.on('error', (error) => (scene.open.has(asking) ? undefined : reject(error)))
    asking.end(body)
  })
}
