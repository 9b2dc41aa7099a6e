import LSTM
import Scoring
import Storage
import Testing

@Suite struct LSTMShapeJSONTests {
  static let shapes = [
    LSTMShape(inputs: 5, hidden: 7, layers: 2, outputs: 3),
    LSTMShape(
      inputs: 5, hidden: 7, layers: 4, outputs: 3, horizon: 6, quantiles: [0.01, 0.5, 0.99],
      layerNorm: true),
  ]

  static func read(_ members: [String: JSONValue]) throws -> LSTMShape {
    let text = JSONValue.object(members).text(indented: false)
    let value = try JSONValue(parsing: Array(text.utf8), source: "detectors.json")
    return try LSTMShape(
      json: JSONDocument(value, source: "detectors.json"), inputs: 5, outputs: 3)
  }

  @Test(arguments: shapes) func `a shape is read as it was written`(shape: LSTMShape) throws {
    #expect(try Self.read(shape.json) == shape)
  }

  @Test func `options that are off are not written`() {
    #expect(Set(Self.shapes[0].json.keys) == ["hidden", "layers"])
  }

  @Test(arguments: [
    ("hidden", JSONValue.integer(0)), ("layers", .integer(5)), ("layers", .null),
    ("horizon", .integer(0)), ("quantiles", .array([.number(0.9)])), ("layer_norm", .integer(1)),
  ])
  func `a shape that cannot be is refused`(key: String, value: JSONValue) {
    var members = Self.shapes[1].json
    members[key] = value
    #expect(throws: StorageError.self) { try Self.read(members) }
  }
}
