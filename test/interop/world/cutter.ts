// A proxy on loopback that cuts the event stream of one tools/call in its middle, as a network does, and passes everything
// else. A client that resumes by Last-Event-ID comes through the second time.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The stream is cut after this many progress notifications. */
const CUT_AFTER = 2

export interface Cutter {
  /** As the target's, at the proxy's own address. */
  readonly url: string
  /** Streams cut so far: one at most. */
  cuts(): number
  close(): Promise<void>
}

export async function startCutter(target: string): Promise<Cutter> {
  let cuts = 0
  const mayCut = () => cuts === 0
  const server = createServer(async (req, res) => {
    const body = await read(req)
    const isCall = body.includes('"tools/call"') && body.includes('"count"')
    const { host: _, ...headers } = req.headers
    const forwarded = request(
      new URL(req.url ?? '/', target),
      { method: req.method ?? 'GET', headers },
      (answer) => {
        res.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
        answer.on('error', () => res.destroy())
        if (isCall) passUntilCut(answer, res, mayCut, () => void cuts++)
        else answer.pipe(res)
      },
    )
    forwarded.on('error', () => res.destroy())
    res.on('close', () => forwarded.destroy())
    forwarded.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { pathname } = new URL(target)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`,
    cuts: () => cuts,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function passUntilCut(
  answer: IncomingMessage,
  res: ServerResponse,
  mayCut: () => boolean,
  cut: () => void,
): void {
  let seen = 0
  answer.on('data', (chunk: Buffer) => {
    seen += chunk.toString().split('notifications/progress').length - 1
    if (seen < CUT_AFTER || !mayCut()) return void res.write(chunk)
    cut()
    res.write(chunk, () => res.destroy())
  })
  answer.on('end', () => res.end())
}

async function read(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
