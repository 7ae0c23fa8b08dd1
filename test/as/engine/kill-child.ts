// The server that kill.test.ts kills: data and port of its arguments, and a line when it is ready.
import { createScene } from './scene.ts'

const [folder = '', port = ''] = process.argv.slice(2)
// However long a start takes, what was answered to nobody can be asked for again.
await createScene({ folder, port: Number(port), settings: { refreshTokenGraceSeconds: 3_600 } })
process.stdout.write('ready\n')
