// The pages of a person's own, put together: the account page and those that it leads to.
import { seeOther } from '../pages/page.ts'
import { writePage } from '../pages/write.ts'
import type { PageRequest } from '../people.ts'
import { ACCOUNT_PATHS } from './account-page.ts'
import type { OwnPageParts } from './own-page.ts'
import { PASSKEY_PATHS } from './passkeys-page.ts'
import { PASSWORD_PATHS } from './password-page.ts'
import { RESET_PATHS } from './reset-page.ts'

export interface AccountPages {
  answers(path: string): boolean
  serve(page: PageRequest): Promise<void>
}

const PATHS = new Map([...ACCOUNT_PATHS, ...PASSWORD_PATHS, ...PASSKEY_PATHS, ...RESET_PATHS])

export function createAccountPages(parts: OwnPageParts): AccountPages {
  return {
    answers: (path) => PATHS.has(path),
    async serve(page) {
      const serve = PATHS.get(page.path)?.[page.request.method === 'POST' ? 'post' : 'get']
      if (serve === undefined) writePage(page, seeOther('/account'))
      else await serve(parts, page)
    },
  }
}
