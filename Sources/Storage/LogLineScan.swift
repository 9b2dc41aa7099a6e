internal import CTelemetryScan

extension ByteWindow {
  /// Takes lines `{"labels":{…},"line":"…","timestamp":"…"}` of JSON as long as they have the usual
  /// form and there is room.
  ///
  /// Members come in any order and among others; labels may be missing. Never takes what
  /// `JSONReader` would refuse, or what is not UTF-8.
  ///
  /// - Parameters:
  ///   - position: Where a line begins in the window.
  ///   - limit: Bytes of the longest line.
  ///   - labels: Texts of labels with their numbers. Lines with others are left.
  ///   - portable: Use the code for machines without vector instructions, which has the same
  ///     results; for tests.
  /// - Returns: Where the first line begins that was left, and the place of its labels if they are
  ///   the reason.
  public func takeLogLines(
    from position: Int, limit: Int, labels: LabelTexts, into buffer: inout LogLineBuffer,
    portable: Bool = false
  ) -> (position: Int, unknown: Range<Int>?) {
    let end = min(count, bytes.count - Int(AP_LINE_PADDING))
    guard position < end else { return (position, nil) }
    let scan = unsafe portable ? ap_scan_lines_portable : ap_scan_lines
    let result = unsafe buffer.scan(room: end - position) { columns in
      let result = unsafe bytes.withUnsafeBufferPointer { bytes in
        unsafe labels.withTable { table in
          guard let text = bytes.baseAddress else { return ap_line_scan?.none }
          return unsafe scan(text, position, end, limit, table, columns)
        }
      }
      return unsafe result
        ?? ap_line_scan(position: position, count: columns.count, labels_begin: 0, labels_end: 0)
    }
    let unknown = result.labels_begin..<result.labels_end
    return (result.position, unknown.isEmpty ? nil : unknown)
  }
}

extension JSONStream {
  /// Takes elements `["nanoseconds","line"]` of an array and the commas between them, as long as
  /// they have the usual form, there is room, and the window holds them.
  ///
  /// What is left begins with the comma or bracket behind the last one taken, or, if none was, with
  /// the element that has another form. What stands in an element behind the line is passed over.
  /// Never takes what `JSONReader` would refuse, or what is not UTF-8.
  ///
  /// - Parameter portable: Use the code for machines without vector instructions, which has the same
  ///   results; for tests.
  /// - Returns: Whether any was taken.
  public mutating func takeLogEntries(
    into buffer: inout LogLineBuffer, portable: Bool = false
  ) throws -> Bool {
    let before = buffer.count
    let scan = unsafe portable ? ap_scan_entries_portable : ap_scan_entries
    while true {
      let (start, end) = (position, end)
      let result = unsafe buffer.scan(room: end - start) { columns in
        unsafe window.withUnsafeBufferPointer { window in
          guard let text = window.baseAddress else {
            return unsafe ap_line_scan(
              position: start, count: columns.count, labels_begin: 0, labels_end: 0)
          }
          return unsafe scan(text, start, end, columns)
        }
      }
      position = result.position
      if buffer.count > before { return true }
      // An element may be cut off by the window's end, or be none that the scanner takes.
      guard end - start < Self.entryLength, try refill() else { return false }
    }
  }

  /// Bytes within which the scanner finds the end of any usual element.
  private static var entryLength: Int { 4096 }
}
