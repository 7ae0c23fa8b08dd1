// The server that kill.test.ts kills: data and port of its arguments, and a line when it is ready.
import { createScene } from './scene.ts'

const [folder = '', port = ''] = process.argv.slice(2)
await createScene({ folder, port: Number(port) })
process.stdout.write('ready\n')
