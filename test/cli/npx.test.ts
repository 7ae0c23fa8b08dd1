// `npx portcullis run`, as a clone's README says it, with the npm of this machine.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { folderWith } from './shared/recording-io.ts'

const ROOT = join(import.meta.dirname, '../..')

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    onTestFinished(() => void socket.destroy())
  })
}

test('kill of npx ends the gateway that it runs', async () => {
  const port = await freePort()
  const folder = folderWith({
    'gateway.yaml': `
public_url: http://127.0.0.1:${port}
listen: 127.0.0.1:${port}
admin: { listen: 127.0.0.1:0 }
issuers: { corp: { issuer: https://issuer.example } }
routes: [{ name: a, path: /mcp, upstream: "http://127.0.0.1:9/mcp", issuers: [corp], scopes: [a] }]
`,
  })
  const npx = spawn('npx', ['portcullis', 'run', '-c', join(folder, 'gateway.yaml')], {
    cwd: ROOT,
    stdio: 'ignore',
  })
  onTestFinished(() => void npx.kill('SIGKILL'))
  await expect.poll(() => isOpen(port), { timeout: 40_000, interval: 200 }).toBe(true)
  npx.kill()
  await once(npx, 'exit')
  await expect.poll(() => isOpen(port), { timeout: 15_000, interval: 200 }).toBe(false)
}, 60_000)
