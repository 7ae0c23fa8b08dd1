// Every client at every server: none is worse through the gateway than without it. WORLD_CLIENTS and WORLD_SERVERS, names with
// commas between, choose some of them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ClientProgram, type ServerProgram, STEPS } from './contract.ts'
import { rowOf, tableOf } from './print.ts'
import { CLIENTS, SERVERS } from './programs.ts'
import { type Pair, runWorld, type World } from './table.ts'

const LIMIT_MS = 3_600_000

const clients = chosen(CLIENTS, process.env['WORLD_CLIENTS'])
const servers = chosen(SERVERS, process.env['WORLD_SERVERS'])

let world: World
beforeAll(async () => {
  world = await runWorld({ clients, servers, onPair: (pair) => console.log(rowOf(pair)) })
}, LIMIT_MS)
afterAll(() => {
  if (world !== undefined) process.stdout.write(tableOf(world))
})

describe.each(servers)('at $name', (server) => {
  it.for(clients)('$name is no worse through the gateway', (client, { skip }) => {
    const pair = pairOf(client, server)
    if (pair === undefined) return skip(world.missing.join('; '))
    const worse = pair.cells.filter(({ direct, gateway }) => gateway === 'no' && direct !== 'no')
    expect(worse).toEqual([])
  })
})

/** A step that worked nowhere would make the rule above worth nothing. */
it.for(clients)('$name does each step somewhere, or its SDK cannot', (client, { skip }) => {
  const cells = world.pairs.filter((pair) => pair.client === client).flatMap((pair) => pair.cells)
  if (cells.length === 0) return skip(world.missing.join('; '))
  const never = STEPS.filter((step) => {
    const marks = cells.filter((cell) => cell.step === step).map(({ gateway }) => gateway)
    return !marks.some((mark) => mark === 'ok' || mark === 'sdk')
  })
  expect(never).toEqual([])
})

it.for(servers)('$name serves each step to somebody, or its SDK cannot', (server, { skip }) => {
  const cells = world.pairs.filter((pair) => pair.server === server).flatMap((pair) => pair.cells)
  if (cells.length === 0) return skip(world.missing.join('; '))
  const never = STEPS.filter((step) => {
    const own = cells.filter((cell) => cell.step === step && !['sdk', '-'].includes(cell.direct))
    return own.length > 0 && !own.some(({ direct }) => direct === 'ok' || direct === 'server')
  })
  expect(never).toEqual([])
})

function pairOf(client: ClientProgram, server: ServerProgram): Pair | undefined {
  return world.pairs.find((pair) => pair.client === client && pair.server === server)
}

function chosen<T extends { readonly name: string }>(
  all: readonly T[],
  names: string | undefined,
): readonly T[] {
  if (names === undefined) return all
  const wanted = names.split(',')
  return all.filter(({ name }) => wanted.includes(name))
}
