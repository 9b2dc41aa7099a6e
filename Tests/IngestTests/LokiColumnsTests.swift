import Ingest
import Storage
import Telemetry
import Testing

/// What reading came to: streams with their report, or the refusal.
private enum LogOutcome: Equatable {
  case read([LogStream], IngestReport)
  case refused(String)

  init(_ path: String, window: Int, isScanning: Bool) {
    do {
      let columns = try readLogColumns(path, window: window, isScanning: isScanning)
      self = .read(columns.streams, columns.report)
    } catch { self = .refused("\(error)") }
  }
}

extension LogStream {
  fileprivate var lines: [String] {
    var start = 0
    return ends.map { end in
      defer { start = end }
      return String(decoding: text[start..<end], as: UTF8.self)
    }
  }
}

/// Length of the runs by `AUTOPILOT_FUZZ_ROUNDS`, texts from a seed of their own each.
@Suite struct LokiColumnsTests {
  private func write(_ bytes: [UInt8], _ folder: TestFolder) throws -> String {
    try folder.write("a.json", bytes)
  }

  @Test func `lines of every form are read alike whether scanned or not`() throws {
    let folder = try TestFolder()
    let text = (0..<200).flatMap { index in LokiSeeds.lines.map { "\($0)\n" } + ["x\(index)\n"] }
    let path = try write(Array(text.joined().utf8), folder)
    let expected = LogOutcome(path, window: 1 << 18, isScanning: false)
    guard case .read(let streams, let report) = expected else {
      Issue.record("refused: \(expected)")
      return
    }
    #expect(streams.count == 7 && streams.map(\.times.count).reduce(0, +) == 9 * 200)
    #expect(streams[0].labels == ["app": "shop", "pod": "shop-1"])
    #expect(streams[0].times[0] == 1_767_571_200_123_456_789)
    #expect(streams[1].lines[0] == "a \"quoted\" \\ word\tand <b> é \u{1F600}")
    #expect(streams[1].times[0] == 1_767_571_200_500_000_000)
    #expect(
      streams[2].labels == [:] && streams[2].lines[1] == "注文 café 🛒 0123456789012345678901234567890"
    )
    #expect(report.logLines == 10 * 200)
    #expect(report.defects.map(\.reason) == ["malformed_line"])
    #expect(report.defects.first?.count == 200)
    #expect(report.defects.first?.example == "line 12: expected '{' at byte 1014")
    for window in [1, 100, 1000, 1111, 2048, 4099, 10_000, 65_536, 1 << 18] {
      #expect(LogOutcome(path, window: window, isScanning: true) == expected, "window \(window)")
    }
  }

  @Test func `damaged lines are judged alike whether scanned or not`() throws {
    let folder = try TestFolder()
    var (read, refused) = (0, 0)
    for round in 0..<Mutation.rounds / 10 {
      var mutation = Mutation(seed: UInt64(round))
      let lines = (0..<12).map { _ in
        LokiSeeds.lines[mutation.random.next(below: LokiSeeds.lines.count)]
      }
      let text = lines.joined(separator: "\n")
      let path = try write(mutation.text(from: [text, text + "\n"]), folder)
      let window = mutation.random.next(below: 3000) + 1
      let outcome = LogOutcome(path, window: window, isScanning: true)
      let expected = LogOutcome(path, window: window, isScanning: false)
      if outcome != expected {
        Issue.record("round \(round): \(outcome) instead of \(expected)")
      }
      if case .read = expected { read += 1 } else { refused += 1 }
    }
    #expect(read > refused && refused > 0)
  }

  @Test(arguments: LokiSeeds.answers)
  func `an answer is the same wherever it is cut`(_ text: String) throws {
    let folder = try TestFolder()
    let path = try write(Array(text.utf8), folder)
    for window in Array(1...120) + [1 << 18] {
      try compare(path, Array(text.utf8), window: window, "window \(window)")
    }
    for length in 0..<text.utf8.count {
      let part = Array(text.utf8.prefix(length))
      try compare(write(part, folder), part, window: 1 + length % 97, "\(length) bytes")
    }
  }

  @Test func `a damaged answer is judged as by a plain reader`() throws {
    let folder = try TestFolder()
    for round in 0..<Mutation.rounds / 10 {
      var mutation = Mutation(seed: UInt64(round) + 1 << 32)
      let bytes = mutation.text(from: LokiSeeds.answers)
      let window = mutation.random.next(below: 300) + 1
      try compare(write(bytes, folder), bytes, window: window, "round \(round)")
    }
  }

  /// Compares the reader with a plain one, and where the text is not UTF-8, with itself unscanned.
  private func compare(
    _ path: String, _ bytes: [UInt8], window: Int, _ comment: String
  ) throws {
    let outcome = LogOutcome(path, window: window, isScanning: true)
    let unscanned = LogOutcome(path, window: window, isScanning: false)
    if outcome != unscanned {
      Issue.record("\(comment): \(outcome) instead of \(unscanned)")
    }
    guard String(validating: bytes, as: UTF8.self) != nil else { return }
    do {
      guard let expected = try WholeLokiAnswer(bytes, source: path) else { return }
      guard case .read(let streams, let report) = outcome else {
        Issue.record("\(comment): \(outcome) instead of \(expected)")
        return
      }
      let found = streams.map {
        WholeLokiAnswer.Stream(labels: $0.labels, times: $0.times, lines: $0.lines)
      }
      #expect(WholeLokiAnswer(streams: found) == expected, "\(comment)")
      #expect(report.logLines == expected.streams.reduce(0) { $0 + $1.lines.count }, "\(comment)")
    } catch {
      guard case .refused(let reason) = outcome else {
        Issue.record("\(comment): \(outcome) instead of \(error)")
        return
      }
      #expect(reason == "\(error)", "\(comment)")
    }
  }

  @Test func `lines may stand before their stream's labels`() throws {
    let folder = try TestFolder()
    let values = (0..<10_000).map { "[\"\($0)\",\"line \($0)\"]" }.joined(separator: ",")
    let path = try write(
      Array("[{\"values\":[\(values)],\"stream\":{\"a\":\"b\"}}]".utf8), folder)
    for isScanning in [true, false] {
      let columns = try readLogColumns(path, window: 1 << 12, isScanning: isScanning)
      #expect(columns.streams.map(\.labels) == [["a": "b"]])
      #expect(columns.streams[0].times == (0..<10_000).map { Int64($0) })
      #expect(columns.streams[0].lines[9999] == "line 9999")
    }
  }

  @Test func `strings that are not UTF-8 are counted one by one`() throws {
    let folder = try TestFolder()
    let text =
      #"[{"stream":{"a":"?"},"values":[["1","\u00e9?\""],["2","\uFFFD"],["3","?",{"x?":"?"}]],"?":"?"}]"#
    let path = try write(text.utf8.map { $0 == 0x3F ? 0xFF : $0 }, folder)
    for isScanning in [true, false] {
      let columns = try readLogColumns(path, window: 10, isScanning: isScanning)
      #expect(columns.streams.map(\.labels) == [["a": "\u{FFFD}"]])
      #expect(columns.streams[0].lines == ["é\u{FFFD}\"", "\u{FFFD}", "\u{FFFD}"])
      #expect(columns.report.defects.map(\.count) == [3])
    }
  }
}
