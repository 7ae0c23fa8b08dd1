// Text of a person as YAML, in the files that commands write.

/** As a scalar that names no variable: a JSON string is a YAML string, and `$${` stands for `${`. */
export function quoted(text: string): string {
  return JSON.stringify(text.replaceAll('${', () => '$${'))
}
