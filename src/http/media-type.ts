// What kind of body a POST may carry: JSON in UTF-8, said once, without a content coding. Does not look into it.
import { type Fields, onlyValue, trimSpace, valuesOf } from '../core/fields.ts'
import type { Refusal } from '../core/refusal.ts'

const JSON_TYPE = /^application\/json *(?:; *charset="?utf-8"? *)?$/i

/** M28, M29: a body of another type is refused, since it could not be judged. */
export function mediaTypeProblem(fields: Fields): Refusal | undefined {
  const type = onlyValue(fields, 'content-type')
  if (type === undefined || !JSON_TYPE.test(trimSpace(type)))
    return unsupported('send application/json in UTF-8')
  const codings = valuesOf(fields, 'content-encoding')
  return codings.length === 0 ? undefined : unsupported('send the body without a content coding') // RFC 9110 §15.5.16
}

function unsupported(detail: string): Refusal {
  return { reason: 'media_type_unsupported', detail }
}
