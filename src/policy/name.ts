// Says which names of tools and prompts policy judges: those that every server reads as the same name. It looks at no
// rules.
import { MAX_NAME } from '../core/call.ts'

/**
 * Controls, format characters, and characters that are drawn as nothing, with which two names can look alike (Unicode
 * TR36 §2; also text direction).
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

/** Blanks at either end, which some servers trim, and within a name any blank but the plain space. */
const BLANK = /^\s|\s$|[^\S ]/u

/** Requires NFC, since a server may compare names in any normalisation form (Unicode UAX15). */
export function isJudgeableName(name: string): boolean {
  if (name.length > MAX_NAME) return false
  if (/^[!-~]+$/.test(name)) return true
  return !UNSEEN.test(name) && !BLANK.test(name) && name.normalize('NFC') === name
}
