internal import Storage

/// Splits comma-separated values into records (RFC 4180), with LF or CRLF and with or without a
/// byte order mark. Empty lines are passed over.
///
/// The text is read window by window; only a record has to fit into memory.
struct CSVRecords {
  /// The fields of one record.
  struct Record {
    /// The line it begins at, from 1.
    var line = 0
    /// The bytes of the window it was read from, until the next one is read.
    var range = 0..<0
    /// Whether text follows a closing quote, or the record is too long.
    var isDamaged = false
    /// Whether a quote is never closed, so that the record has swallowed the rest of the file.
    var isUnclosed = false
    /// Whether it has more bytes than a record may have; it has no fields then.
    var isTooLong = false
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

    /// Refuses a record that was passed over because of its length, and has no fields.
    ///
    /// - Throws: `IngestError.malformed`.
    func requireFields(in file: SourceText) throws(IngestError) {
      guard isTooLong else { return }
      throw .malformed(
        path: file.path, line: line, reason: "a record of more than \(file.lineLimit) bytes")
    }

    /// A field as text; bytes that are not UTF-8 are replaced.
    func string(_ index: Int) -> String { String(decoding: self[index], as: UTF8.self) }
  }

  private let file: SourceText
  /// What separates fields.
  private(set) var delimiter: UInt8 = 0x2C
  /// What is being read.
  private(set) var window = ByteWindow()
  private var position = 0
  private var line = 1
  /// Up to where in the content line feeds were looked for, and where the last line ends.
  private var searched = 0
  private var behindLines = 0

  /// Reads the beginning of a file.
  init(_ file: SourceText) throws(StorageError) {
    self.file = file
    try file.source.advance(&window, to: 0)
    if window.bytes[..<window.count].starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// Finds out what separates fields before the first record is read.
  ///
  /// A first line `sep=;`, which tells spreadsheets, is obeyed and passed over. Without it and without
  /// `given` it is the first of comma, semicolon and tab that the header has outside of quotes.
  mutating func findDelimiter(_ given: UInt8?) {
    let line = window.bytes[position..<window.count].prefix { $0 != 0x0A && $0 != 0x0D }
    let bare = line.filter { $0 != 0x22 }
    if bare.count == 5, bare.starts(with: Array("sep=".utf8)) {
      (delimiter, position) = (bare[4], line.endIndex)
      return
    }
    if let given {
      delimiter = given
      return
    }
    var isQuoted = false
    let open = line.filter { byte in
      if byte == 0x22 { isQuoted.toggle() }
      return !isQuoted
    }
    delimiter = [0x2C, 0x3B, 0x09].first(where: open.contains) ?? 0x2C
  }

  /// Takes the records that come next as long as they have the plain form and there is room.
  mutating func takeRows(into rows: inout RowBuffer) throws(StorageError) {
    while !rows.isFull {
      let before = rows.count
      position = rows.take(from: window, position, to: max(position, linesEnd()))
      line += rows.count - before
      // A record that the window cuts off may be plain as well. One longer than that is not.
      guard position > 0, position >= linesEnd(), !window.isLast else { return }
      try file.source.advance(&window, to: position)
      position = 0
    }
  }

  /// The position behind the window's last line feed.
  private mutating func linesEnd() -> Int {
    let end = window.offset + window.count
    if searched != end {
      searched = end
      let last = window.bytes[..<window.count].lastIndex(of: 0x0A)
      behindLines = window.offset + (last.map { $0 + 1 } ?? 0)
    }
    return behindLines - window.offset
  }

  /// Reads the next record; false at the end.
  mutating func next(_ record: inout Record) throws(StorageError) -> Bool {
    guard try skipEmptyLines() else { return false }
    (record.isTooLong, record.line, record.lines) = (false, line, 1)
    while true {
      (record.isDamaged, record.isUnclosed) = (false, false)
      record.text.removeAll(keepingCapacity: true)
      record.ends.removeAll(keepingCapacity: true)
      let start = position
      repeat { takeField(&record) } while takeDelimiter()
      record.range = start..<position
      let isTooLong = position - start > file.lineLimit
      if !isTooLong, position < window.count || window.isLast { break }
      // What looks like the record's end may only be the window's.
      (position, line) = (start, record.line)
      if isTooLong {
        try skipLongRecord(&record)
        return true
      }
      try file.source.advance(&window, to: start)
      position = 0
    }
    record.lines = line - record.line + 1
    if position < window.count {
      line += 1
      position += 1
    }
    return true
  }

  /// Whether there is something behind the empty lines.
  private mutating func skipEmptyLines() throws(StorageError) -> Bool {
    while true {
      while position < window.count,
        window.bytes[position] == 0x0A || window.bytes[position] == 0x0D
      {
        if window.bytes[position] == 0x0A { line += 1 }
        position += 1
      }
      if position < window.count { return true }
      if window.isLast { return false }
      try file.source.advance(&window, to: position)
      position = 0
    }
  }

  /// Passes over a record that is too long, to the first line that begins behind the limit.
  private mutating func skipLongRecord(_ record: inout Record) throws(StorageError) {
    (record.isDamaged, record.isTooLong, record.range) = (true, true, 0..<0)
    record.text.removeAll()
    record.ends.removeAll()
    var passed = file.lineLimit
    while true {
      while position < window.count {
        let byte = window.bytes[position]
        position += 1
        passed -= 1
        guard byte == 0x0A else { continue }
        line += 1
        if passed < 0 { return }
      }
      if window.isLast { return }
      try file.source.advance(&window, to: position)
      position = 0
    }
  }

  private mutating func takeDelimiter() -> Bool {
    guard isAtDelimiter else { return false }
    position += 1
    return true
  }

  /// Takes a field up to its delimiter, line end or the end of the file.
  private mutating func takeField(_ record: inout Record) {
    if position < window.count, window.bytes[position] == 0x22 {
      takeQuoted(&record)
    } else {
      let start = position
      while position < window.count, window.bytes[position] != delimiter,
        window.bytes[position] != 0x0A
      {
        position += 1
      }
      var stop = position
      if stop > start, window.bytes[stop - 1] == 0x0D, !isAtDelimiter { stop -= 1 }
      record.text.append(contentsOf: window.bytes[start..<stop])
    }
    record.ends.append(record.text.count)
  }

  private var isAtDelimiter: Bool {
    position < window.count && window.bytes[position] == delimiter
  }

  private mutating func takeQuoted(_ record: inout Record) {
    position += 1
    while true {
      guard position < window.count else {
        (record.isDamaged, record.isUnclosed) = (true, true)
        return
      }
      let byte = window.bytes[position]
      position += 1
      if byte == 0x0A { line += 1 }
      if byte == 0x22 {
        guard position < window.count, window.bytes[position] == 0x22 else { break }
        position += 1
      }
      record.text.append(byte)
    }
    if position < window.count, window.bytes[position] == 0x0D,
      position + 1 == window.count || window.bytes[position + 1] == 0x0A
    {
      position += 1
    }
    guard position < window.count, !isAtDelimiter, window.bytes[position] != 0x0A else { return }
    // The rest of the line cannot be told apart; the next line is a new record.
    record.isDamaged = true
    while position < window.count, window.bytes[position] != 0x0A { position += 1 }
  }
}
