// The certificate of the demo, with what a test of TLS wants to know of it.
import { X509Certificate } from 'node:crypto'
import {
  type CertificateDates,
  type LoopbackCertificate,
  makeLoopbackCertificate,
} from '../../src/cli/demo/loopback-certificate.ts'

export interface TestCertificate extends LoopbackCertificate {
  /** As a peer's certificate shows it. */
  readonly fingerprint256: string
}

export function createCertificate(
  name = 'portcullis test',
  dates: Partial<CertificateDates> = {},
): TestCertificate {
  const made = makeLoopbackCertificate(name, dates)
  return { ...made, fingerprint256: new X509Certificate(made.cert).fingerprint256 }
}
