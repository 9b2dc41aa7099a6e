internal import Storage

/// The lines of one log stream in the order of reading.
public struct LogStream: Hashable, Sendable {
  /// What the source says of the stream.
  public let labels: [String: String]
  /// Nanoseconds since 1970, [lines].
  public private(set) var times: [Int64] = []
  /// All lines behind each other, UTF-8 without line breaks between them.
  public private(set) var text: [UInt8] = []
  /// Where each line ends in `text`, [lines].
  public private(set) var ends: [Int] = []

  init(labels: [String: String]) { self.labels = labels }

  mutating func append(_ line: [UInt8], at time: Int64) {
    times.append(time)
    text.append(contentsOf: line)
    ends.append(text.count)
  }

  /// Adds lines that stand behind each other in a buffer.
  @inline(__always)
  mutating func append(_ lines: Range<Int>, of buffer: LogLineBuffer) {
    let start = buffer.range(of: lines.lowerBound).lowerBound
    let base = text.count - start
    times.append(contentsOf: buffer.times[lines])
    text.append(contentsOf: buffer.text[start..<buffer.ends[lines.upperBound - 1]])
    for index in lines { ends.append(buffer.ends[index] + base) }
  }
}

/// Lines kept as they are, by stream.
struct LogStreams {
  private(set) var all: [LogStream] = []
  private var index: [[String: String]: Int] = [:]
  /// The stream of the last line, which is mostly that of the next one too.
  private var last = 0

  /// Adds a line of the stream with these labels.
  mutating func add(_ line: [UInt8], at time: Int64, labels: [String: String]) {
    if !all.indices.contains(last) || all[last].labels != labels { last = number(of: labels) }
    all[last].append(line, at: time)
  }

  /// The number of the stream with these labels.
  mutating func number(of labels: [String: String]) -> Int {
    if let number = index[labels] { return number }
    index[labels] = all.count
    all.append(LogStream(labels: labels))
    return all.count - 1
  }

  /// Adds all lines of a buffer.
  ///
  /// - Parameter stream: Gives the number of the stream for a line's number in the buffer.
  mutating func add(_ buffer: LogLineBuffer, _ stream: (Int32) -> Int) {
    var start = 0
    while start < buffer.count {
      let number = buffer.numbers[start]
      var end = start + 1
      while end < buffer.count, buffer.numbers[end] == number { end += 1 }
      all[stream(number)].append(start..<end, of: buffer)
      start = end
    }
  }
}
