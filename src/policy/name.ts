// Which names of tools and prompts policy judges: those that every server reads as the same name. Rules are not looked
// at here.
import { MAX_NAME } from '../core/call.ts'

/** Controls, format characters, and what is drawn as nothing: two names that look alike (Unicode TR36 §2, bidi too). */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

/** Blanks at an end, which some servers trim, and all but the plain one within. */
const BLANK = /^\s|\s$|[^\S ]/u

/** NFC, since a server may compare names in any form of their letters (Unicode UAX15). */
export function isJudgeableName(name: string): boolean {
  if (name.length > MAX_NAME) return false
  if (/^[!-~]+$/.test(name)) return true
  return !UNSEEN.test(name) && !BLANK.test(name) && name.normalize('NFC') === name
}
