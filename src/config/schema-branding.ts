// The shape of `branding`: how the pages for people show who runs the gateway. Images are read by check-branding.ts.
import { z } from 'zod'
import type { BrandingSettings } from '../core/settings-branding.ts'
import { MAX_IMAGE_BYTES } from '../lib/raster-image.ts'
import { webPage } from './addresses.ts'
import { text } from './scalars.ts'

const IMAGE = `a PNG, JPEG, GIF or WebP image of at most ${MAX_IMAGE_BYTES / 1024} KiB, relative to the folder of gateway.yaml`

/** Path of an image that pages show. */
export const imagePath = (what: string) => text.describe(`${what}: ${IMAGE}.`)

const NAME_WORDS = 'expected a name of at most 60 characters'
/** What stands in a heading or a line of a page. */
export const shortName = z.string(NAME_WORDS).trim().min(1, NAME_WORDS).max(60, NAME_WORDS)

const COLOUR_WORDS = 'expected a colour such as "#1d4ed8": six hexadecimal digits, in quotes'
const colour = z
  .string(COLOUR_WORDS)
  .regex(/^#[0-9A-Fa-f]{6}$/, COLOUR_WORDS)
  .transform((value) => value.toLowerCase())

const MAIL_WORDS = 'expected an https URL, or mailto: with an address'
const MAIL = /^mailto:[^\s@?&]{1,64}@[^\s@?&]{1,255}$/
const support = z
  .string(MAIL_WORDS)
  .refine((text) => MAIL.test(text) || webPage.safeParse(text).success, MAIL_WORDS)

export const branding = z
  .strictObject({
    name: shortName.describe('Who runs the gateway, as people know them.').optional(),
    logo: imagePath('Beside the name').optional(),
    support: support.describe('Where people find help: an https URL, or `mailto:`.').optional(),
    privacy: webPage.describe('The privacy policy; clients are told it too (RFC 9728).').optional(),
    terms: webPage.describe('The terms of service; clients are told them too.').optional(),
    colour: colour.describe('Colour of the main button, such as `"#1d4ed8"`.').optional(),
  })
  .transform((raw): BrandingSettings => raw)
