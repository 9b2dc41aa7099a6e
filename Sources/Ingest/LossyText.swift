/// Whether bytes are UTF-8.
func isUTF8(_ bytes: ArraySlice<UInt8>) -> Bool {
  guard bytes.contains(where: { $0 >= 0x80 }) else { return true }
  var parser = Unicode.UTF8.ForwardParser()
  var rest = bytes.makeIterator()
  while true {
    switch parser.parseScalar(from: &rest) {
    case .valid: continue
    case .emptyInput: return true
    case .error: return false
    }
  }
}

/// Bytes with U+FFFD for what is not UTF-8; nil when they are UTF-8 as they are.
///
/// ASCII stays what it is, so that the structure of a JSON text survives.
func repaired(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
  isUTF8(bytes) ? nil : Array(String(decoding: bytes, as: UTF8.self).utf8)
}
