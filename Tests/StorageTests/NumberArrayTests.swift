import Diagnostics
import Storage
import Testing

@Suite("Arrays of numbers in JSON")
struct NumberArrayTests {
  /// The numbers that the general parser finds.
  private func reference(_ text: String) throws -> [Double] {
    func flatten(_ value: JSONValue) throws -> [Double] {
      switch value {
      case .number(let number): [number]
      case .null: [.nan]
      case .array(let elements): try elements.flatMap(flatten)
      default: throw StorageError.invalidJSON(source: "test", byte: 0, reason: "no number")
      }
    }
    return try flatten(try JSONValue(parsing: Array(text.utf8), source: "test"))
  }

  private func fast(_ text: String, limit: Int = 10_000) throws -> [Double] {
    var reader = JSONReader(Array(text.utf8), source: "test")
    var values: [Double] = []
    try reader.numbers(into: &values, limit: limit)
    try reader.expectEnd()
    return values
  }

  @Test(
    "Numbers are those of the general parser, bit for bit",
    arguments: [
      "[]", "[1]", "[ 1 , -2.5,3 ]", "[null,1,null]", "[0.1,0.30000000000000004,1e5,-1E-3]",
      "[[1,2],[3,null]]", "[1,[2,[3]],4]", "[9007199254740993,123456789012345678901234567890]",
      "[0,-0,0.0,-0.0]", "[2.2250738585072014e-308,1.7976931348623157e308]",
      "[0.000000000000000000000000000000001,5]", "[\n1\t,\r2]",
    ])
  func values(text: String) throws {
    #expect(try fast(text).map(\.bitPattern) == (try reference(text)).map(\.bitPattern))
  }

  @Test("Random numbers in their shortest form read as themselves")
  func random() throws {
    var generator = SystemRandomNumberGenerator()
    let numbers =
      (0..<5_000).map { _ in
        Double(bitPattern: UInt64.random(in: 0...UInt64.max, using: &generator))
      }.filter(\.isFinite) + (0..<5_000).map { _ in Double.random(in: -1...1, using: &generator) }
    let text = "[\(numbers.map { "\($0)" }.joined(separator: ","))]"
    #expect(try fast(text, limit: 20_000) == numbers)
  }

  @Test(
    "What a strict parser refuses is refused",
    arguments: [
      "[1,]", "[,1]", "[01]", "[-]", "[1.]", "[.5]", "[+1]", "[1e]", "[1 2]", "[nul]", "[true]",
      "[NaN]", "[1", "[1,2", "[\"1\"]", "[1e999]", "[00.5]", "[-01]", "[1]]", "[[1]", "1", "",
      "[1.5.5]", "[--1]",
    ])
  func refusals(text: String) {
    #expect(throws: StorageError.self) { try fast(text) }
  }

  @Test("Neither length nor depth is without bounds")
  func bounds() {
    #expect(throws: StorageError.self) { try fast("[1,2,3]", limit: 2) }
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: StorageError.self) { try fast(deep) }
  }
}
