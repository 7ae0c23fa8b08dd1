// A gateway in a process of its own, to be killed: it starts a program that ignores everything and has a child, and prints
// the ids of both.
import { beginSession, startPrograms } from './client.ts'

const gateway = await startPrograms('env: { IGNORES: "1" }')
const session = await beginSession(gateway)
const pids = [Number(await session.call('pid')), Number(await session.call('child'))]
process.stdout.write(`${JSON.stringify(pids)}\n`)
