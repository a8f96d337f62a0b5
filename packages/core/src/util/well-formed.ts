/** Whether the text has a UTF-8 form that gives it back: no half of a surrogate pair stands alone. */
export function isWellFormed(text: string): boolean {
  // Every Node that we run on has it; the language level that we compile for does not name it yet.
  return (text as string & { isWellFormed(): boolean }).isWellFormed()
}
