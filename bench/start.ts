// From the start of the process to the first allowed call, with metadata and keys fetched on the way, beside a bare
// server of node:http that answers anything; in turns, in one run.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { freePort } from '../test/support/free-port.ts'
import { createCaller } from './caller.ts'
import { median } from './compare.ts'
import { record } from './figures.ts'
import { GATEWAY, startUntilAnswer } from './first-call.ts'
import { startMockUpstream } from './mock-upstream.ts'
import { memory } from './proc.ts'
import { createScene } from './scene.ts'
import { auditFile, writeGatewayConfig } from './subjects/gateway.ts'

const MOST_TIMES = 4
const TOOL = 'list_notes'
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } })
process.exitCode = await main(Number(values.rounds))

async function main(rounds: number): Promise<number> {
  const scene = await createScene('start', 1)
  const upstream = await startMockUpstream(0)
  const config = writeGatewayConfig(scene, upstream.port, await freePort())
  const bare = writeBareServer(scene.folder, scene.gatewayPort)
  const [token = ''] = scene.tokens
  const took = { bare: [] as number[], gateway: [] as number[] }
  let residentMiB = 0
  const start = async (args: readonly string[]) => {
    const caller = createCaller(scene.resource)
    const started = await startUntilAnswer(args, caller, TOOL, token)
    residentMiB = memory(started.pid).residentMiB
    caller.close()
    await started.stop()
    return started.ms
  }
  try {
    await start([...GATEWAY, config]) // keeps its compiled code for the others
    for (let round = 0; round < rounds; round += 1) {
      took.bare.push(await start([bare]))
      took.gateway.push(await start([...GATEWAY, config]))
    }
  } finally {
    upstream.close()
    await scene.issuer.close()
    rmSync(auditFile(scene), { force: true })
  }
  const [base, own] = [median(took.bare), median(took.gateway)]
  const ratio = median(took.gateway.map((ms, round) => ms / (took.bare[round] as number)))
  console.log(
    `least: bare ${Math.min(...took.bare).toFixed(0)} ms, gateway ${Math.min(...took.gateway).toFixed(0)} ms`,
  )
  return record('start', [
    {
      what: 'start to the first allowed call, to a bare server of node:http',
      value: ratio,
      unit: 'times',
      limit: MOST_TIMES,
      own: { value: own, unit: 'ms' },
      beside: [{ name: 'node:http', value: base }],
    },
    { what: 'resident after one call', value: residentMiB, unit: 'MiB' },
  ])
}

function writeBareServer(folder: string, port: number): string {
  const path = join(folder, 'bare.mjs')
  const answer = "(request, response) => request.resume().on('end', () => response.end('{}'))"
  writeFileSync(
    path,
    `import { createServer } from 'node:http'\ncreateServer(${answer}).listen(${port}, '127.0.0.1')\n`,
  )
  return path
}
