// Schemas of everything that names a place on the network: URLs, listen addresses, hosts, origins, ranges. Messages
// never repeat a URL, since a variable may have brought it.
import { isIP } from 'node:net'
import { z } from 'zod'
import type { Address } from '../core/settings.ts'
import { isLinkLocal, isMappedIPv4, parseRange } from './hosts.ts'

/** The URL parser drops tabs and line feeds and turns `\` into `/`: such text is refused before it is read. */
const CLEAN = /^[\x21-\x5b\x5d-\x7e]+$/

function readUrl(text: string): URL | undefined {
  return CLEAN.test(text) && /^https?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : undefined
}

function url(words: string, accepts: (url: URL, text: string) => boolean) {
  return z
    .string(words)
    .refine((text) => {
      const parsed = readUrl(text)
      return parsed !== undefined && parsed.username === '' && parsed.password === '' && accepts(parsed, text)
    }, words)
    .meta({ format: 'uri' })
}

/** N-07, PRM-08: resources are built by appending a path, so this is an origin, written as browsers write it. */
export const publicUrl = url(
  'expected an origin such as https://mcp.example.com: http(s), host in lower case, no path, no trailing slash, no default port',
  (parsed, text) => parsed.origin === text,
)

/** RFC 8414 §2: no query and no fragment. Kept byte for byte (J17). */
export const issuerUrl = url(
  'expected the issuer as its metadata has it: an http(s) URL without query, fragment or user name',
  (_, text) => !/[?#]/.test(text),
)

export const endpointUrl = url(
  'expected an http(s) URL without fragment or user name',
  (_, text) => !text.includes('#'),
)

/** H49, H50: only the web, and never the address range of cloud credentials. */
export const upstreamUrl = url(
  'expected an http(s) URL without query, fragment or user name, and not a link-local address',
  (parsed, text) => !/[?#]/.test(text) && !isLinkLocal(parsed.hostname),
)

/** H49. What the gateway tells a service of the operator. It may have a query; it is no secret. */
export const receiverUrl = url(
  'expected an http(s) URL without fragment or user name, and not a link-local address',
  (parsed, text) => !text.includes('#') && !isLinkLocal(parsed.hostname),
)

const SYSLOG = /^(tls|tcp):\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):([1-9]\d{0,4})$/
const SYSLOG_WORDS = 'expected tls://host:port or tcp://host:port, such as tls://siem.example.com:6514'
export const syslogAddress = z
  .string(SYSLOG_WORDS)
  .regex(SYSLOG, { error: SYSLOG_WORDS, abort: true })
  .transform((text) => {
    const [, scheme, host = '', port = ''] = SYSLOG.exec(text) ?? []
    return { isTls: scheme === 'tls', host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
  })
  .refine(({ host, port }) => port <= 65_535 && !isLinkLocal(host), SYSLOG_WORDS)

/** Where people are sent to read something. */
export const webPage = url(
  'expected an https URL without a user name, such as https://example.com/privacy',
  (parsed) => parsed.protocol === 'https:',
)

const ORIGIN_WORDS =
  'expected an origin such as https://app.example.com: no path, no trailing slash, no wildcard'
/** ORG-01: browser extensions and desktop shells have schemes of their own, such as `chrome-extension://id`. */
const SHELL_ORIGIN = /^(?!https?:|file:)[a-z][a-z0-9+.-]*:\/\/[a-z0-9][a-z0-9.-]*$/

/** RFC 6454 §7: scheme, host and port, compared byte for byte with the header. */
export const origin = z
  .string(ORIGIN_WORDS)
  .refine((text) => readUrl(text)?.origin === text || SHELL_ORIGIN.test(text), ORIGIN_WORDS)
  .meta({ format: 'uri' })

const LISTEN = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):(0|[1-9]\d{0,4})$/
const LISTEN_WORDS = 'expected host:port such as 127.0.0.1:8080, [::1]:8080 or 0.0.0.0:8080'
export const listenAddress = z
  .string(LISTEN_WORDS)
  .regex(LISTEN, { error: LISTEN_WORDS, abort: true })
  .refine((text) => isAddress(toAddress(text)), LISTEN_WORDS)
  .transform(toAddress)

function toAddress(text: string): Address {
  const [, host = '', port = ''] = LISTEN.exec(text) ?? []
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
}

function isAddress({ host, port }: Address): boolean {
  return port <= 65_535 && (!/^[\d.]+$|:/.test(host) || isIP(host) !== 0)
}

const HOST_WORDS = 'expected a host with or without a port, such as mcp.internal or mcp.internal:8443'
export const host = z
  .string(HOST_WORDS)
  .regex(/^(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::[1-9]\d{0,4})?$/, HOST_WORDS)

const RANGE_WORDS =
  'expected an address or a range such as 10.0.0.0/8; write IPv4 addresses in their own form'
export const range = z.string(RANGE_WORDS).refine((text) => {
  const parsed = parseRange(text)
  return parsed !== undefined && !isMappedIPv4(parsed.address)
}, RANGE_WORDS)
