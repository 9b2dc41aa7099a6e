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
}

/// Lines kept as they are, by stream.
struct LogStreams {
  private(set) var all: [LogStream] = []
  private var index: [[String: String]: Int] = [:]
  /// The stream of the last line, which is mostly that of the next one too.
  private var last = 0

  /// Adds a line of the stream with these labels.
  mutating func add(_ line: [UInt8], at time: Int64, labels: [String: String]) {
    if !all.indices.contains(last) || all[last].labels != labels {
      last = index[labels] ?? all.count
      if last == all.count {
        index[labels] = last
        all.append(LogStream(labels: labels))
      }
    }
    all[last].append(line, at: time)
  }
}
