/// Splits comma-separated values into records (RFC 4180), with LF or CRLF and with or without a
/// byte order mark. Empty lines are passed over.
struct CSVRecords {
  /// The fields of one record.
  struct Record {
    /// The line it begins at, from 1.
    var line = 0
    /// The bytes of the file it was read from.
    var range = 0..<0
    /// Whether text follows a closing quote.
    var isDamaged = false
    /// Whether a quote is never closed, so that the record has swallowed the rest of the file.
    var isUnclosed = false
    /// The number of lines it takes up.
    var lines = 1
    fileprivate var text: [UInt8] = []
    fileprivate var ends: [Int] = []

    /// The number of fields.
    var count: Int { ends.count }

    /// A field's bytes without its quotes.
    subscript(index: Int) -> ArraySlice<UInt8> {
      text[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    /// Whether each field is UTF-8.
    var isValidUTF8: Bool {
      !text.contains { $0 >= 0x80 }
        || !ends.indices.contains(where: isReplaced)
    }

    /// Whether a field has bytes that are not UTF-8.
    func isReplaced(_ index: Int) -> Bool { String(validating: self[index], as: UTF8.self) == nil }

    /// Refuses a record that a stray quote has made of the rest of the file.
    ///
    /// - Throws: `IngestError.malformed`.
    func requireClosedQuotes(in file: SourceText) throws(IngestError) {
      guard isUnclosed else { return }
      throw .malformed(
        path: file.path, line: line,
        reason: "a quote opened in the record that begins here is never closed; remove or double it"
      )
    }

    /// A field as text; bytes that are not UTF-8 are replaced.
    func string(_ index: Int) -> String { String(decoding: self[index], as: UTF8.self) }
  }

  private let bytes: [UInt8]
  private var position: Int
  private var line = 1

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  /// Reads the next record; false at the end.
  mutating func next(_ record: inout Record) -> Bool {
    while position < bytes.count, bytes[position] == 0x0A || bytes[position] == 0x0D {
      if bytes[position] == 0x0A { line += 1 }
      position += 1
    }
    guard position < bytes.count else { return false }
    record.line = line
    (record.isDamaged, record.isUnclosed) = (false, false)
    record.text.removeAll(keepingCapacity: true)
    record.ends.removeAll(keepingCapacity: true)
    let start = position
    repeat { takeField(&record) } while takeComma()
    record.range = start..<position
    record.lines = line - record.line + 1
    if position < bytes.count {
      line += 1
      position += 1
    }
    return true
  }

  private mutating func takeComma() -> Bool {
    guard position < bytes.count, bytes[position] == 0x2C else { return false }
    position += 1
    return true
  }

  /// Takes a field up to its comma, line end or the end of the file.
  private mutating func takeField(_ record: inout Record) {
    if position < bytes.count, bytes[position] == 0x22 {
      takeQuoted(&record)
    } else {
      let start = position
      while position < bytes.count, bytes[position] != 0x2C, bytes[position] != 0x0A {
        position += 1
      }
      var stop = position
      if stop > start, bytes[stop - 1] == 0x0D, !isAtComma { stop -= 1 }
      record.text.append(contentsOf: bytes[start..<stop])
    }
    record.ends.append(record.text.count)
  }

  private var isAtComma: Bool { position < bytes.count && bytes[position] == 0x2C }

  private mutating func takeQuoted(_ record: inout Record) {
    position += 1
    while true {
      guard position < bytes.count else {
        (record.isDamaged, record.isUnclosed) = (true, true)
        return
      }
      let byte = bytes[position]
      position += 1
      if byte == 0x0A { line += 1 }
      if byte == 0x22 {
        guard position < bytes.count, bytes[position] == 0x22 else { break }
        position += 1
      }
      record.text.append(byte)
    }
    let isCarriageReturn = { (index: Int, bytes: [UInt8]) in
      bytes[index] == 0x0D && (index + 1 == bytes.count || bytes[index + 1] == 0x0A)
    }
    if position < bytes.count, isCarriageReturn(position, bytes) { position += 1 }
    guard position < bytes.count, bytes[position] != 0x2C, bytes[position] != 0x0A else { return }
    // The rest of the line cannot be told apart; the next line is a new record.
    record.isDamaged = true
    while position < bytes.count, bytes[position] != 0x0A { position += 1 }
  }
}
