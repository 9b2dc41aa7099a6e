internal import Diagnostics
internal import LinearAlgebra
internal import Storage

/// What a training run is a function of, as names and texts that say what differs between two.
struct TrainingIdentity: Hashable, Sendable {
  /// A name, such as `hidden`, and what it is.
  struct Entry: Hashable, Sendable {
    var name: String
    var value: String
  }

  private(set) var entries: [Entry]

  /// Describes a run.
  init(
    configuration: LSTMConfiguration, seed: UInt64, outputs: Int, fineTuning: FineTuning?,
    training: [TrainingSequence], validation: [TrainingSequence]
  ) {
    entries = [
      Entry(name: "program version", value: Program.version), Entry(name: "seed", value: "\(seed)"),
    ]
    // Every stored setting, so that one that is added later cannot be forgotten here.
    for (label, value) in Mirror(reflecting: configuration).children {
      entries.append(Entry(name: label ?? "?", value: "\(value)"))
    }
    var base = "none"
    if let network = fineTuning?.base {
      var digest = SHA256Digest()
      digest.update(littleEndian: network.parameters)
      base = digest.hexadecimal
    }
    entries += [
      Entry(name: "base model", value: base),
      Entry(name: "freeze", value: (fineTuning?.frozen ?? []).joined(separator: ", ")),
      Entry(name: "outputs", value: "\(outputs)"),
      Entry(name: "training data", value: Self.digest(of: training)),
      Entry(name: "validation data", value: Self.digest(of: validation)),
    ]
  }

  private static func digest(of sequences: [TrainingSequence]) -> String {
    var digest = SHA256Digest()
    for sequence in sequences {
      digest.update(framing: sequence.rows.rows)
      digest.update(framing: sequence.rows.columns)
      digest.update(littleEndian: sequence.rows.elements)
      digest.update(sequence.observed.map { $0 ? UInt8(1) : 0 })
      digest.update(framing: sequence.rowWeights?.count ?? 0)
      digest.update(littleEndian: sequence.rowWeights ?? [])
    }
    return digest.hexadecimal
  }

  /// As a document.
  var json: JSONValue {
    .array(entries.map { ["name": .string($0.name), "value": .string($0.value)] })
  }

  /// Reads what `json` wrote.
  init(json document: JSONDocument) throws {
    entries = try document.elements.map {
      Entry(name: try $0["name"].string, value: try $0["value"].string)
    }
  }

  /// The first thing that differs, with what it is here and in another run; nil when equal.
  func difference(from other: TrainingIdentity) -> (name: String, here: String, there: String)? {
    let values = Dictionary(
      other.entries.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    for entry in entries where values[entry.name] != entry.value {
      return (entry.name, entry.value, values[entry.name] ?? "unknown")
    }
    for entry in other.entries where !entries.contains(where: { $0.name == entry.name }) {
      return (entry.name, "unknown", entry.value)
    }
    return nil
  }
}
