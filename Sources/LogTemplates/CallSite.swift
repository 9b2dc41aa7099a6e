/// Extensions of source files.
let sourceExtensions = PackedWords(
  "c cc cpp cs cxx ex erl go h hpp hs java js jsx kt lua php pl py rb rs scala swift ts tsx")

/// Whether a word of a pattern names a place in the code: `Class#line` or `file.ext:line`, maybe
/// with punctuation around it.
func isPlace(_ word: [UInt8]) -> Bool {
  let bytes = word.span
  for index in 1..<max(word.count, 2) where index + 1 < word.count && isDigit(bytes[index + 1]) {
    if bytes[index] == 0x23, isLetter(bytes[index - 1]) || isDigit(bytes[index - 1]) { return true }
    guard bytes[index] == 0x3A else { continue }
    var dot = index - 1
    while dot > 0, isLetter(bytes[dot]) { dot -= 1 }
    if bytes[dot] == 0x2E, sourceExtensions.contains(packedWord(bytes, dot + 1, index)) {
      return true
    }
  }
  return false
}
