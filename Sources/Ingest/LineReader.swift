internal import Storage

/// Splits a text into lines that end in LF, window by window.
struct LineReader {
  /// A line.
  struct Line {
    /// From 1.
    var number: Int
    /// Its bytes in the window, without the LF; empty when it is too long.
    var range: Range<Int>
    /// Whether a LF ends it.
    var isTerminated: Bool
    /// Whether it has more bytes than a line may have.
    var isTooLong = false
  }

  private let file: SourceText
  /// What is being read. The bytes of a line stay until the next one is taken.
  private(set) var window = ByteWindow()
  private var position = 0
  /// The lines taken so far.
  private(set) var count = 0
  /// Behind the window's last LF, where that is known.
  private var lastEnd: Int?

  /// Reads the beginning of a file.
  ///
  /// - Parameter window: Bytes to read at a time.
  init(_ file: SourceText, window: Int? = nil) throws(StorageError) {
    self.file = file
    if let window { self.window = ByteWindow(size: window) }
    try file.source.advance(&self.window, to: 0)
  }

  /// Makes sure that the window holds the first bytes of a file, if there are as many.
  ///
  /// - Precondition: No line was taken.
  mutating func look(ahead bytes: Int) throws(StorageError) {
    precondition(position == 0, "\(count) lines were taken")
    while window.count < bytes, !window.isLast { try file.source.advance(&window, to: 0) }
  }

  /// The whole lines of the window that were not taken yet, behind the last one's LF.
  ///
  /// - Parameter start: Where they begin: at the line that was taken last, or behind it.
  mutating func wholeLines(from start: Int) -> Range<Int> {
    // Found once a window: what follows the last LF may be long.
    let end = lastEnd ?? (window.bytes[..<window.count].lastIndex(of: 0x0A) ?? -1) + 1
    lastEnd = end
    return start..<max(start, end)
  }

  /// Passes over lines that were taken from the window by another way.
  ///
  /// - Parameters:
  ///   - end: Where the next line begins.
  ///   - lines: The number of lines between the line that was taken last and that one.
  mutating func pass(to end: Int, lines: Int) {
    precondition(position...window.count ~= end, "byte \(end) behind \(position)")
    (position, count) = (end, count + lines)
  }

  /// Takes the next line; nil at the end.
  mutating func next() throws(StorageError) -> Line? {
    var searched = 0
    var isTooLong = false
    while true {
      if let end = window.bytes[position + searched..<window.count].firstIndex(of: 0x0A) {
        defer { position = end + 1 }
        count += 1
        isTooLong = isTooLong || end - position > file.lineLimit
        return Line(
          number: count, range: isTooLong ? position..<position : position..<end,
          isTerminated: true, isTooLong: isTooLong)
      }
      searched = window.count - position
      isTooLong = isTooLong || searched > file.lineLimit
      if window.isLast {
        guard searched > 0 || isTooLong else { return nil }
        defer { position = window.count }
        count += 1
        return Line(
          number: count, range: isTooLong ? position..<position : position..<window.count,
          isTerminated: false, isTooLong: isTooLong)
      }
      if isTooLong { (position, searched) = (window.count, 0) }
      try file.source.advance(&window, to: position)
      (position, lastEnd) = (0, nil)
    }
  }

  /// Takes lines of Loki's usual form, as many as the window holds and there is room for.
  ///
  /// - Returns: The place of the next line's labels in the window, if they are why it was left.
  mutating func takeLogLines(
    labels: LabelTexts, into buffer: inout LogLineBuffer
  ) -> Range<Int>? {
    let before = buffer.count
    let (position, unknown) = window.takeLogLines(
      from: position, limit: file.lineLimit, labels: labels, into: &buffer)
    self.position = position
    count += buffer.count - before
    return unknown
  }
}
