import Foundation
import Storage
import Testing

/// What one form of the scanner makes of samples; nil for those that it leaves to others.
private func scan(
  _ samples: [String], portable: Bool, window: Int = 1 << 18
) throws -> [(time: Int64, value: Double)?] {
  let text = "[" + samples.joined(separator: ",") + "]"
  var stream = JSONStream(Array(text.utf8), source: "x", window: window)
  var (buffer, found) = (SampleBuffer(capacity: 100), [(time: Int64, value: Double)?]())
  try stream.expect("[")
  repeat {
    if try stream.takeSamples(into: &buffer, portable: portable) {
      for index in 0..<buffer.count { found.append((buffer.times[index], buffer.values[index])) }
      buffer.removeAll()
    } else {
      found.append(nil)
      try stream.skip()
    }
  } while try stream.take(",")
  try stream.expect("]")
  try stream.expectEnd()
  return found
}

/// Texts that must be taken, and to which double each must be rounded: `strtod`'s.
private func check(_ texts: [String], portable: Bool) throws {
  let found = try scan(texts.map { "[1,\"\($0)\"]" }, portable: portable)
  try #require(found.count == texts.count)
  for (text, sample) in zip(texts, found) {
    let value = unsafe strtod(text, nil)
    // What is no normal double may be left to others.
    guard let sample else {
      if value.isNormal || value == 0 && !text.contains("e") { Issue.record("\(text) was left") }
      continue
    }
    if sample.value.bitPattern != value.bitPattern {
      Issue.record("\(text) became \(sample.value) instead of \(value)")
    }
  }
}

@Suite struct SampleScanTests {
  @Test(arguments: [false, true])
  func `decimals of any length are rounded correctly`(portable: Bool) throws {
    var random = SeededRandom(seed: 1)
    try check(
      (0..<200_000).map { _ in
        var text = random.next(below: 2) == 0 ? "-" : ""
        let digits = 1 + random.next(below: 25)
        let point = random.next(below: 3) == 0 ? digits : random.next(below: digits)
        for index in 0..<digits {
          if index == point, index > 0 { text += "." }
          text += "\(random.next(below: 10))"
        }
        if random.next(below: 4) == 0 { text += "e\(random.next(below: 700) - 350)" }
        return text
      }, portable: portable)
  }

  @Test(arguments: [false, true])
  func `the shortest text of a double gives the double`(portable: Bool) throws {
    var random = SeededRandom(seed: 2)
    let doubles = (0..<200_000).map { index in
      index % 2 == 0
        ? Double(bitPattern: random.next()) : Double.random(in: -1e6...1e6, using: &random)
    }.filter(\.isFinite)
    let texts = doubles.map { "\($0)" }
    try check(texts, portable: portable)
  }

  @Test(arguments: [false, true])
  func `ties go to the even neighbour, and what is beside them does not`(portable: Bool) throws {
    var random = SeededRandom(seed: 3)
    var texts = ["0.000000000000000000000000001", "9007199254740993", "18446744073709551615"]
    for _ in 0..<50_000 {
      // Halfway between two doubles: an odd number of 54 bits, times or divided by a power of two.
      let odd = UInt64.random(in: 1 << 53..<1 << 54, using: &random) | 1
      texts.append("\(odd << random.next(below: 11))")
      let places = random.next(below: 5)
      let scaled = odd * [1, 5, 25, 125, 625][places]
      for number in [scaled - 1, scaled, scaled + 1] {
        var digits = "\(number)"
        digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -places))
        texts.append(places == 0 ? "\(number)" : digits)
      }
    }
    try check(texts, portable: portable)
  }

  @Test(arguments: [false, true])
  func `every number of fraction digits and of leading zeros is right`(portable: Bool) throws {
    let digits = "98765432109876543210987654321"
    var texts: [String] = []
    for count in 1...digits.count {
      for point in 1...count {
        for zeros in 0..<30 {
          let all = String(repeating: "0", count: zeros) + digits.prefix(count)
          let index = all.index(all.startIndex, offsetBy: point)
          texts.append(index == all.endIndex ? all : "\(all[..<index]).\(all[index...])")
        }
      }
    }
    try check(texts, portable: portable)
  }

  @Test(arguments: [false, true])
  func `zero is zero with any number of digits`(portable: Bool) throws {
    try check(
      (1..<40).flatMap { count in
        let zeros = String(repeating: "0", count: count)
        return [zeros, "-\(zeros)", "0.\(zeros)", "-0.\(zeros)", "\(zeros).0", "0e\(count)"]
      }, portable: portable)
  }

  @Test(arguments: [false, true])
  func `words for what is no number are taken`(portable: Bool) throws {
    let found = try scan(
      [#"[1,"NaN"]"#, #"[1,"+Inf"]"#, #"[1,"-Inf"]"#, #"[1,"-0"]"#], portable: portable)
    #expect(found[0]?.value.isNaN == true)
    #expect(found[1]?.value == .infinity && found[2]?.value == -.infinity)
    #expect(found[3]?.value.sign == .minus && found[3]?.value == 0)
  }

  @Test(arguments: [
    "[1,\"2\"]", "[ 1.5 , \"2\" ]", "[1,2]", "[1,-2.5]", "[0,\"0\"]", "[1,\"1E5\"]", "[1,1e-5]",
    "\n[1,\r\"2\"\t]", "[1700000000.123,\"007\"]", "[1e9,\"2\"]", "[12345678901,\"2\"]",
    "[-1,\"1\"]", "[1700000000,\"1234567890123456789012345678901234567890\"]",
  ])
  func `any form that JSON allows is taken`(_ sample: String) throws {
    for portable in [false, true] {
      #expect(try scan([sample], portable: portable)[0] != nil)
      #expect(try scan([sample, "[1,\"2\"]", sample], portable: portable).count == 3)
    }
  }

  @Test(arguments: [
    #"[1,""]"#, #"[1,"."]"#, #"[1,".5"]"#, #"[1,"5."]"#, #"[1,"-"]"#, #"[1,"+5"]"#, #"[1,"1-"]"#,
    #"[1,"1.2.3"]"#, #"[1,"1e"]"#, #"[1,"0x10"]"#, #"[1," 1"]"#, #"[1,"1 "]"#, #"[1,"nan"]"#,
    #"[1,"Inf"]"#, #"[1,"\u0031"]"#, #"[1,"1",2]"#, #"["1","1"]"#, #"[1,null]"#, #"[1,"1e999"]"#,
    #"[1,"--1"]"#, #"[1,"1/"]"#, #"[1,"1:"]"#, #"[1]"#, "[]", "1", #"[[1,"1"]]"#,
  ])
  func `any other form is left`(_ sample: String) throws {
    for portable in [false, true] {
      let found = try scan([#"[5,"6"]"#, sample, #"[7,"8"]"#], portable: portable)
      #expect(found.map { $0?.value } == [6, nil, 8])
    }
  }

  @Test(arguments: [
    #"[01,"1"]"#, #"[1.,"1"]"#, #"[1700000000.,"1"]"#, #"[+1,"1"]"#, #"[1,01]"#, #"[1,1.]"#,
    #"[0123456789,"1"]"#, #"[1,.5]"#, #"[1,"1"#, #"[1,"1""#, #"[1,-]"#, "[1 2]", #"[1:"1"]"#,
  ])
  func `what is no JSON is not taken`(_ sample: String) throws {
    for portable in [false, true] {
      var stream = JSONStream(Array(sample.utf8), source: "x")
      var buffer = SampleBuffer()
      #expect(try !stream.takeSamples(into: &buffer, portable: portable))
      #expect(throws: StorageError.self) { try skip(sample) }
    }
  }

  private func skip(_ text: String) throws {
    var stream = JSONStream(Array(text.utf8), source: "x")
    try stream.skip()
    try stream.expectEnd()
  }

  @Test(arguments: [false, true])
  func `times are whole milliseconds, as multiplication and rounding give them`(
    portable: Bool
  ) throws {
    var random = SeededRandom(seed: 4)
    let texts = (0..<100_000).map { index in
      let seconds = random.next(below: 10_000_000_000)
      let fraction = random.next(below: 10_000)
      return switch index % 6 {
      case 0: "\(seconds)"
      case 1: "\(seconds).\(fraction % 10)"
      case 2: "\(seconds).0\(fraction % 10)"
      case 3: "\(seconds).\(1000 + fraction % 1000)".replacing(".1", with: ".")
      case 4: "\(seconds).\(fraction)5"
      default: "-\(seconds).\(fraction)"
      }
    }
    let found = try scan(texts.map { "[\($0),\"1\"]" }, portable: portable)
    for (text, sample) in zip(texts, found) {
      let expected = Int64(((Double(text) ?? .nan) * 1000).rounded())
      if sample?.time != expected { Issue.record("\(text): \(String(describing: sample?.time))") }
    }
  }

  @Test(arguments: [false, true])
  func `samples may be cut anywhere`(portable: Bool) throws {
    let samples = (0..<40).map { "[\(1_700_000_000 + $0 * 30).5, \"\(Double($0) / 7)\"]" }
    let whole = try scan(samples, portable: portable)
    for window in 1...300 {
      let found = try scan(samples, portable: portable, window: window)
      #expect(found.map { $0?.time } == whole.map { $0?.time })
      #expect(found.map { $0?.value } == whole.map { $0?.value })
    }
  }

  @Test func `a full buffer takes no more until it is emptied or grown`() throws {
    var stream = JSONStream(Array(#"[1,"1"],[2,"2"],[3,"3"]"#.utf8), source: "x")
    var buffer = SampleBuffer(capacity: 1)
    #expect(try stream.takeSamples(into: &buffer))
    #expect(buffer.isFull)
    #expect(try stream.take(","))
    #expect(try !stream.takeSamples(into: &buffer))
    buffer.grow()
    #expect(try stream.takeSamples(into: &buffer))
    #expect(buffer.isFull && buffer.times == [1000, 2000] && buffer.values == [1, 2])
  }
}
