import Storage
import Testing

@Suite struct JSONValueTests {
  @Test func `canonical text sorts members by their bytes and has no blanks`() {
    let value: JSONValue = [
      "b": [1, 2.5, true], "a": nil, "é": "x", "B": [:], "10": [[]], "9": [],
    ]
    #expect(value.text() == #"{"10":[[]],"9":[],"B":{},"a":null,"b":[1,2.5,true],"é":"x"}"#)
  }

  @Test func `indented text breaks lines around members and nested arrays`() {
    let value: JSONValue = ["a": [1, 2], "b": [["c": "d"], [:]], "e": [], "f": [:]]
    #expect(
      value.text(indented: true) == """
        {
          "a": [1, 2],
          "b": [
            {
              "c": "d"
            },
            {}
          ],
          "e": [],
          "f": {}
        }

        """)
  }

  @Test(arguments: [
    (0.0, "0"), (-0.0, "0"), (1, "1"), (-17, "-17"), (0.1, "0.1"), (1e21, "1e+21"),
    (9_007_199_254_740_991, "9007199254740991"), (Double.leastNonzeroMagnitude, "5e-324"),
    (-9_223_372_036_854_775_808, "-9.223372036854776e+18"), (1.0 / 3, "0.3333333333333333"),
    (.nan, "\"NaN\""), (.infinity, "\"+Inf\""), (-.infinity, "\"-Inf\""),
  ])
  func `numbers have one text`(number: Double, expected: String) {
    #expect(JSONValue.number(number).text() == expected)
  }

  @Test func `strings escape what they must and nothing else`() {
    #expect(
      JSONValue.string("\"\\/\n\r\t\u{8}\0\u{1F}\u{7F}é🙂\u{2028}").text()
        == #""\"\\/\n\r\t\u0008\u0000\u001f"# + "\u{7F}é🙂\u{2028}\"")
  }

  @Test func `random documents survive a round trip, indented or not`() throws {
    var generator = SplitMix(state: 1)
    for _ in 0..<200 {
      let value = randomValue(depth: 4, &generator)
      for indented in [false, true] {
        let text = value.text(indented: indented)
        let read = try JSONValue(parsing: Array(text.utf8), source: "x")
        #expect(read == value)
        #expect(read.text(indented: indented) == text)
      }
    }
  }
}

private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

private func randomValue(depth: Int, _ generator: inout SplitMix) -> JSONValue {
  switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &generator) {
  case 0: return nil
  case 1: return .bool(.random(using: &generator))
  case 2:
    let number = Double(bitPattern: generator.next())
    return .number(number.isFinite ? number : 0)
  case 3: return .integer(.random(in: -1000...1000, using: &generator))
  case 4: return .string(randomText(&generator))
  case 5:
    return .array(
      (0..<Int.random(in: 0..<4, using: &generator)).map { _ in
        randomValue(depth: depth - 1, &generator)
      })
  default:
    var members: [String: JSONValue] = [:]
    for _ in 0..<Int.random(in: 0..<4, using: &generator) {
      members[randomText(&generator)] = randomValue(depth: depth - 1, &generator)
    }
    return .object(members)
  }
}

private func randomText(_ generator: inout SplitMix) -> String {
  let alphabet = Array("ab\"\\/\n\t\0\u{1B}éß漢🙂 ")
  return String(
    (0..<Int.random(in: 0..<6, using: &generator)).map { _ in
      alphabet.randomElement(using: &generator) ?? "a"
    })
}
