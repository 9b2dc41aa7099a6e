internal import CTelemetryScan

/// Columns that log lines are read into.
public struct LogLineBuffer: Sendable {
  /// Bytes of text beside the lines that the scanner may write to.
  private static let padding = Int(AP_LINE_PADDING)

  /// Nanoseconds since 1970, [capacity], of which the first `count` hold lines.
  public private(set) var times: [Int64]
  /// Where each line ends in `text`, [capacity].
  public private(set) var ends: [Int]
  /// What the labels of each line are known as, [capacity]; -1 for none.
  public private(set) var numbers: [Int32]
  /// Lines behind each other in UTF-8; what is behind the last one means nothing.
  public private(set) var text: [UInt8] = []
  /// The number of lines.
  public private(set) var count = 0

  /// An empty buffer.
  ///
  /// - Parameter capacity: Lines that fit, at least 1.
  public init(capacity: Int = 4096) {
    precondition(capacity > 0, "room for \(capacity) lines")
    times = [Int64](repeating: 0, count: capacity)
    ends = [Int](repeating: 0, count: capacity)
    numbers = [Int32](repeating: -1, count: capacity)
  }

  /// The number of lines that fit.
  public var capacity: Int { times.count }
  /// Whether no other line fits.
  public var isFull: Bool { count == capacity }
  /// Bytes of all lines.
  public var textCount: Int { count == 0 ? 0 : ends[count - 1] }

  /// Where a line stands in `text`.
  ///
  /// - Precondition: There is a line with this index.
  @inline(__always)
  public func range(of index: Int) -> Range<Int> {
    precondition(index < count, "line \(index) of \(count)")
    return (index == 0 ? 0 : ends[index - 1])..<ends[index]
  }

  /// Adds a line.
  ///
  /// - Precondition: Not full.
  public mutating func append(_ line: some Collection<UInt8>, at time: Int64, number: Int32) {
    precondition(!isFull, "room for \(capacity) lines")
    let start = textCount
    makeRoom(line.count)
    text.replaceSubrange(start..<start + line.count, with: line)
    times[count] = time
    numbers[count] = number
    ends[count] = start + line.count
    count += 1
  }

  /// Says whose all lines are.
  public mutating func setNumbers(_ number: Int32) {
    for index in 0..<count { numbers[index] = number }
  }

  /// Forgets all lines.
  public mutating func removeAll() { count = 0 }

  /// Doubles the capacity.
  public mutating func grow() {
    times += repeatElement(0, count: capacity)
    ends += repeatElement(0, count: ends.count)
    numbers += repeatElement(-1, count: numbers.count)
  }

  /// Makes sure that bytes fit behind the lines.
  private mutating func makeRoom(_ bytes: Int) {
    let wanted = textCount + bytes + Self.padding
    if text.count < wanted {
      text.append(contentsOf: repeatElement(0, count: max(wanted, 2 * text.count) - text.count))
    }
  }

  /// Lets a scanner write behind the lines that are there.
  mutating func scan(
    room: Int, _ scanner: (ap_line_columns) -> ap_line_scan
  ) -> ap_line_scan {
    makeRoom(room)
    let (before, capacity) = (count, capacity)
    let result = unsafe times.withUnsafeMutableBufferPointer { times in
      unsafe ends.withUnsafeMutableBufferPointer { ends in
        unsafe numbers.withUnsafeMutableBufferPointer { numbers in
          unsafe text.withUnsafeMutableBufferPointer { text in
            guard let times = times.baseAddress, let ends = ends.baseAddress,
              let numbers = numbers.baseAddress, let text = text.baseAddress
            else { return ap_line_scan() }
            return unsafe scanner(
              ap_line_columns(
                times: times, ends: ends, numbers: numbers, text: text, count: before,
                capacity: capacity))
          }
        }
      }
    }
    count = result.count
    return result
  }

  /// A hash of a line, which is the same on every machine.
  ///
  /// - Precondition: There is a line with this index.
  public func fingerprint(of index: Int, seed: UInt64) -> UInt64 {
    Storage.fingerprint(text, range(of: index), seed: seed)
  }
}
