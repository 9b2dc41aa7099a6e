package import LSTM
package import Storage

/// The part of a network's shape that follows from neither its channels nor the calendar. Options
/// that are off are left out.
extension LSTMShape {
  /// The members that describe it.
  package var json: [String: JSONValue] {
    var members: [String: JSONValue] = ["hidden": .integer(hidden), "layers": .integer(layers)]
    if horizon > 1 { members["horizon"] = .integer(horizon) }
    if !quantiles.isEmpty { members["quantiles"] = .array(quantiles.map(JSONValue.float)) }
    if layerNorm { members["layer_norm"] = .bool(true) }
    return members
  }

  /// Reads the members that `json` gives.
  ///
  /// - Throws: `StorageError.unexpectedShape` when one is absent or has no usable value.
  package init(json place: JSONDocument, inputs: Int, outputs: Int) throws {
    let hidden = try place["hidden"].integer
    let layers = try place["layers"].integer
    let horizon = try place.optional("horizon")?.integer ?? 1
    let quantiles = try place.optional("quantiles")?.elements.map { Float(try $0.number) } ?? []
    guard (1...65_536).contains(hidden), Self.layerRange.contains(layers),
      (1...1024).contains(horizon), quantiles.count <= 99, Self.areValid(quantiles: quantiles),
      inputs > 0, outputs > 0
    else { throw place.expected("a network of usable size") }
    self.init(
      inputs: inputs, hidden: hidden, layers: layers, outputs: outputs, horizon: horizon,
      quantiles: quantiles, layerNorm: try place.optional("layer_norm")?.bool ?? false)
  }
}
