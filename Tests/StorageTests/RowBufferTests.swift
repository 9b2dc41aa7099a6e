import Foundation
import Storage
import Testing

/// A window that holds a text to its end.
private func window(_ text: String, size: Int? = nil) throws -> ByteWindow {
  try withTemporaryFolder { folder in
    try FileSystem.writeFileAtomically(Array(text.utf8), to: "\(folder)/x")
    let source = try ByteSource(opening: "\(folder)/x", limit: 1 << 30)
    var window = ByteWindow(size: size ?? max(1, text.utf8.count))
    try source.advance(&window, to: 0)
    return window
  }
}

private func buffer(
  _ columns: Int, _ unit: RowBuffer.TimeUnit = .seconds,
  bounds: ClosedRange<Int64> = 0...9_000_000_000_000, limit: Int = 1 << 20
) -> RowBuffer {
  RowBuffer(columns: columns, unit: unit, bounds: bounds, limit: limit)
}

/// A row that was taken, or nil for a line that was left.
private struct Row: Equatable {
  var time: Int64
  var bits: [UInt64]
}

/// What is made of each line of a text.
private func rows(
  _ text: String, columns: Int, _ unit: RowBuffer.TimeUnit = .seconds, portable: Bool
) throws -> [Row?] {
  let window = try window(text)
  var (buffer, found, position) = (buffer(columns, unit), [Row?](), 0)
  while position < window.count {
    position = buffer.take(from: window, position, to: window.count, portable: portable)
    for row in 0..<buffer.count {
      let bits = (0..<columns).map { Array(buffer.column($0))[row].bitPattern }
      found.append(Row(time: buffer.times[row], bits: bits))
    }
    if buffer.count == 0 {
      found.append(nil)
      let line = window.bytes[position..<window.count].firstIndex(of: 0x0A)
      position = line.map { $0 + 1 } ?? window.count
    }
    buffer.removeAll()
  }
  return found
}

@Suite struct RowBufferTests {
  @Test(arguments: [false, true])
  func `plain rows become columns`(portable: Bool) throws {
    let text = "60,1,-2.5\r\n120,,1e3\n180.5,NaN,0\n240,7,nan\r\n"
    var buffer = buffer(2)
    let end = buffer.take(from: try window(text), 0, to: text.utf8.count, portable: portable)
    #expect(end == text.utf8.count)
    #expect(buffer.times == [60_000, 120_000, 180_500, 240_000])
    #expect(buffer.column(0).map(\.description) == ["1.0", "nan", "nan", "7.0"])
    #expect(buffer.column(1).map(\.description) == ["-2.5", "1000.0", "0.0", "nan"])
  }

  @Test(arguments: [
    "1,\"2\",3", "1, 2,3", "1,2", "1,2,3,4", "-1,2,3", "1e1,2,3", ",2,3", "1.,2,3", ".5,2,3",
    "1,.5,3", "1,5.,3", "1,-,3", "1,+5,3", "1,1.2.3,3", "1,0x1,3", "1,Inf,3", "1,NaNs,3", "1,na,3",
    "1,1e999,3", "1,2,3\r4", "1;2;3", "", "\r", "9000000001,2,3", "1234567890123456,2,3",
    "2026-01-05T00:00:00Z,1,2", "1,2,3\0", "1,2,3 ", "1,2,\u{661}",
  ])
  func `a row of any other form is left, and what is before and behind it is not`(
    _ row: String
  ) throws {
    for portable in [false, true] {
      let found = try rows("60,4,5\n\(row)\n120,6,7\n", columns: 2, portable: portable)
      #expect(found.map { $0?.time } == [60_000, nil, 120_000])
    }
  }

  @Test(arguments: [false, true])
  func `a row is taken only whole`(portable: Bool) throws {
    let text = "60,1\n120,2\n180,3"
    let window = try window(text)
    for end in 0...text.utf8.count {
      var buffer = buffer(1)
      let position = buffer.take(from: window, 0, to: end, portable: portable)
      // An end that is not behind a line feed says that the last line goes on.
      #expect(position == (end == 5 ? 5 : end == 11 ? 11 : 0))
      #expect(buffer.times == (end == 5 ? [60_000] : end == 11 ? [60_000, 120_000] : []))
    }
  }

  @Test(arguments: [false, true])
  func `numbers are rounded correctly wherever they stand in the window`(portable: Bool) throws {
    var random = SeededRandom(seed: 5)
    for count in [1, 2, 3, 5, 9, 20_000] {
      let texts = (0..<count).map { _ in decimal(&random) }
      let text = texts.map { "60,\($0)\n" }.joined()
      let found = try rows(text, columns: 1, portable: portable)
      try #require(found.count == count)
      for (text, row) in zip(texts, found) {
        let value = unsafe strtod(text, nil)
        // What is no normal double may be left to others.
        guard let row else {
          if value.isNormal || value == 0 && !text.contains("e") {
            Issue.record("\(text) was left")
          }
          continue
        }
        if row.bits != [value.bitPattern] { Issue.record("\(text) became \(row.bits)") }
      }
    }
  }

  private func decimal(_ random: inout SeededRandom) -> String {
    if random.next(below: 3) == 0 { return "\(Double.random(in: -1e6...1e6, using: &random))" }
    var text = random.next(below: 2) == 0 ? "-" : ""
    let digits = 1 + random.next(below: 40)
    let point = random.next(below: 3) == 0 ? digits : random.next(below: digits)
    for index in 0..<digits {
      if index == point, index > 0 { text += "." }
      text += "\(random.next(below: 10))"
    }
    if random.next(below: 8) == 0 { text += "e\(random.next(below: 700) - 350)" }
    return text
  }

  @Test(arguments: [
    (RowBuffer.TimeUnit.auto, "99999999999.5", Int64(99_999_999_999_500)),
    (.auto, "100000000000", 100_000_000_000), (.auto, "1700000000.0005", 1_700_000_000_001),
    (.seconds, "100000000000", 100_000_000_000_000), (.seconds, "0.0014", 1),
    (.milliseconds, "1700000000123.5", 1_700_000_000_124), (.milliseconds, "007", 7),
  ])
  func `instants are whole milliseconds of the unit`(
    _ unit: RowBuffer.TimeUnit, _ text: String, _ time: Int64
  ) throws {
    for portable in [false, true] {
      var buffer = buffer(1, unit, bounds: 0...Int64.max)
      let line = "\(text),1\n"
      _ = buffer.take(from: try window(line), 0, to: line.utf8.count, portable: portable)
      #expect(buffer.times == [time])
    }
  }

  @Test func `the bounds of instants and the limit of bytes hold their last value`() throws {
    let text = "60,1\n61,1234\n59,1\n"
    for (limit, bounds, count) in [
      (7, Int64(60_000)...61_000, 2), (6, 60_000...61_000, 1), (7, 60_000...60_999, 1),
      (7, 60_001...61_000, 0), (7, 59_000...61_000, 3),
    ] {
      var buffer = buffer(1, bounds: bounds, limit: limit)
      _ = buffer.take(from: try window(text), 0, to: text.utf8.count)
      #expect(buffer.count == count)
    }
  }

  @Test func `rows are added until none fits`() throws {
    let text = (0..<5000).map { "\($0),\($0),-\($0)\n" }.joined()
    let window = try window(text)
    var (buffer, position, times) = (buffer(2), 0, [Int64]())
    while position < text.utf8.count {
      // Half of what is left, to the end of a line.
      let half = position + (text.utf8.count - position) / 2
      let end = (window.bytes[half...].firstIndex(of: 0x0A) ?? half) + 1
      position = buffer.take(from: window, position, to: end)
      #expect(buffer.column(0).map { $0 * 1000 } == buffer.times.map(Double.init))
      #expect(buffer.column(1).map(-) == Array(buffer.column(0)))
      if buffer.isFull {
        let full = buffer.times
        #expect(buffer.take(from: window, position, to: text.utf8.count) == position)
        #expect(buffer.times == full)
      }
      if buffer.isFull || position == text.utf8.count {
        times += buffer.times
        buffer.removeAll()
      }
    }
    #expect(times == (0..<5000).map { $0 * 1000 })
  }

  @Test func `mutated rows are the same with vector instructions and without`() throws {
    let seeds = [
      "1700000000,1,2.5,-3", "1700000000.5,0.30000000000000004,12345678901234567,1e-7",
      "1700000000000,,NaN,\r", "99999999999,-0,1844674407370955161.5,0.000000000000000000000000001",
    ]
    let pieces = [
      ",", "\r", "-", "+", ".", "e", "0", "9999999999999999999", "NaN", "nan", "Inf", " ", "\"",
      "00000000000000000000000000000000", "\u{e9}", "\0",
    ]
    var random = SeededRandom(seed: 6)
    var text = ""
    for _ in 0..<40_000 {
      var line = Array(seeds[random.next(below: seeds.count)].unicodeScalars)
      for _ in 0..<random.next(below: 3) {
        let at = random.next(below: line.count + 1)
        if random.next(below: 2) == 0 {
          line.removeSubrange(at..<min(line.count, at + random.next(below: 4)))
        } else {
          line.insert(contentsOf: pieces[random.next(below: pieces.count)].unicodeScalars, at: at)
        }
      }
      text.unicodeScalars.append(contentsOf: line)
      text += random.next(below: 3) == 0 ? "\r\n" : "\n"
    }
    for unit in [RowBuffer.TimeUnit.auto, .seconds, .milliseconds] {
      let wide = try rows(text, columns: 3, unit, portable: false)
      #expect(wide == (try rows(text, columns: 3, unit, portable: true)))
      // Both kinds of rows are there, or the comparison would say little.
      #expect(wide.count { $0 != nil } > 1000 && wide.count { $0 == nil } > 1000)
    }
  }

  @Test func `a buffer of no columns is refused`() async {
    await #expect(processExitsWith: .failure) {
      _ = RowBuffer(columns: 0, unit: .auto, bounds: 0...1, limit: 10)
    }
  }

  @Test(arguments: [(-1, 5), (3, 2), (0, 6), (6, 6)])
  func `rows outside of the window are refused`(start: Int, end: Int) async {
    await #expect(processExitsWith: .failure) { [start = start as Int, end = end as Int] in
      // Of the window's 64 bytes only five are content.
      let window = try window("60,1\n", size: 64)
      var buffer = buffer(1)
      _ = buffer.take(from: window, start, to: end)
    }
  }

  @Test(arguments: [-1, 2])
  func `a column that is not there is refused`(index: Int) async {
    await #expect(processExitsWith: .failure) { [index = index as Int] in
      _ = buffer(2).column(index)
    }
  }
}
