// The time of day as the clock on the wall has it, for lines that people read.

/** @param at epoch milliseconds @returns `12:04:05` in the time zone of the process */
export function clockTime(at: number): string {
  const date = new Date(at)
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
}
