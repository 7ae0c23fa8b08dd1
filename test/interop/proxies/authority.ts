// A private certificate authority and one certificate of it for this machine, made by openssl: real files, as an operator
// has them.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Authority {
  /** Paths of PEM files. */
  readonly ca: string
  readonly cert: string
  readonly key: string
  /** The certificate followed by its key. */
  readonly both: string
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
const DAYS = ['-days', '2']

export function makeAuthority(folder: string): Authority {
  const at = (name: string) => join(folder, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const subject = ['-subj', '/CN=test authority']
  openssl('req', '-x509', ...NEW_KEY, ...DAYS, ...subject, '-keyout', 'ca.key', '-out', 'ca.pem')
  openssl('req', '-new', ...NEW_KEY, '-subj', '/CN=127.0.0.1', '-keyout', 'tls.key', '-out', 'tls.csr')
  writeFileSync(at('names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n')
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names']
  openssl('x509', '-req', '-in', 'tls.csr', ...signed, ...DAYS, '-out', 'tls.crt')
  writeFileSync(at('tls.pem'), readFileSync(at('tls.crt'), 'utf8') + readFileSync(at('tls.key'), 'utf8'))
  return { ca: at('ca.pem'), cert: at('tls.crt'), key: at('tls.key'), both: at('tls.pem') }
}
