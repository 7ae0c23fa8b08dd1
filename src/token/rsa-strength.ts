// Says which RSA public keys are too weak to trust (J07). It checks numbers only and verifies no signature.

const MIN_MODULUS_BITS = 2048 // RFC 7518 §3.3
const MAX_MODULUS_BITS = 8192 // a longer key makes one check too expensive
const MAX_EXPONENT = 0xffff_ffffn

/** Returns what is wrong with the key, or undefined. */
export function rsaWeakness(modulus: bigint, exponent: bigint): string | undefined {
  const bits = modulus.toString(2).length
  if (bits < MIN_MODULUS_BITS) return 'RSA shorter than 2048 bits'
  if (bits > MAX_MODULUS_BITS) return 'RSA longer than 8192 bits'
  if (exponent < 3n || exponent % 2n === 0n || exponent > MAX_EXPONENT) return 'a broken RSA exponent'
  if (modulus % 2n === 0n) return 'an even RSA modulus'
  return hasRocaFingerprint(modulus) ? 'an RSA key from a broken generator (CVE-2017-15361)' : undefined
}

/**
 * The broken library (ROCA) made primes that are powers of 65537 modulo a product of small primes, and so are its
 * moduli.
 */
const SMALL_PRIMES = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107,
  109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
]
const ROCA_RESIDUES = SMALL_PRIMES.map((prime) => ({ prime: BigInt(prime), residues: powersOf65537(prime) }))

function powersOf65537(prime: number): ReadonlySet<number> {
  const residues = new Set<number>()
  for (let power = 1; !residues.has(power); power = (power * 65537) % prime) residues.add(power)
  return residues
}

function hasRocaFingerprint(modulus: bigint): boolean {
  return ROCA_RESIDUES.every(({ prime, residues }) => residues.has(Number(modulus % prime)))
}
