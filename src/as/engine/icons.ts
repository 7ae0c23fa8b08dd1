// Pictures that clients and servers name for themselves, for our pages: fetched here, so that no browser is sent to a
// stranger, looked at, and kept for a while. A page waits a moment for one, and shows the initial without it (CIM-05).
import type { ImageUrl } from '../../core/branding.ts'
import { createSharedTable } from '../../core/shared-table.ts'
import { shareOf } from '../../core/shares.ts'
import { inTime } from '../../lib/in-time.ts'
import { readImage } from '../../lib/raster-image.ts'
import type { StoreClock } from '../store/store.ts'
import type { GuardedFetch } from './guarded-fetch.ts'

export interface Icons {
  /**
   * Undefined where there is none to show, or not soon enough.
   * @param network of whoever looks at the page; @param mayFetch counts a fetch, where one is needed
   */
  find(url: string, network: string, mayFetch: () => Promise<boolean>): Promise<ImageUrl | undefined>
}

interface Kept {
  readonly image: ImageUrl | undefined
  readonly until: number
}

const MAX_ICONS = 128
const SHARE = 0.25
const KEPT_MS = 60 * 60_000
const FAILED_MS = 5 * 60_000
/** How long a page waits. What comes later is there for the next page. */
const PATIENCE_MS = 1_000

export function createIcons(guarded: Pick<GuardedFetch, 'fetchImage'>, clock: StoreClock): Icons {
  const kept = createSharedTable<Kept>({ size: MAX_ICONS, share: shareOf(MAX_ICONS, SHARE) })
  const underWay = new Map<string, Promise<ImageUrl | undefined>>()
  const fetchIcon = async (url: string, network: string): Promise<ImageUrl | undefined> => {
    const bytes = await guarded.fetchImage(url, network).catch(() => undefined)
    const read = bytes === undefined ? undefined : readImage(bytes)
    const image = read?.ok ? read.url : undefined
    kept.set(url, network, { image, until: clock.now() + (image === undefined ? FAILED_MS : KEPT_MS) })
    underWay.delete(url)
    return image
  }
  return {
    async find(url, network, mayFetch) {
      const known = kept.get(url)
      if (known !== undefined && known.until > clock.now()) return known.image
      let fetching = underWay.get(url)
      if (fetching === undefined) {
        if (!(await mayFetch())) return undefined
        fetching = underWay.get(url) ?? fetchIcon(url, network)
        underWay.set(url, fetching)
      }
      return await inTime(PATIENCE_MS, fetching)
    },
  }
}
