internal import Detection
internal import Features
internal import Scoring
internal import Storage
internal import Synchronization
internal import Telemetry

/// Some services as they were at one moment: a file.
///
///     meta            U8   JSON: format, the digest of what state depends on, the journal that goes on
///     <n>.recent      U8   the last rows, as in a journal
///     <n>.f.<array>        memory of the feature extractor
///     <n>.d.<m>       F64  memory of detector m
struct StatePart {
  struct Service {
    var name: String
    var columns: [String]
    var rows: Int
    var recent: [(service: String, row: TelemetryRow)]
    var memory: ScorerMemory
  }

  let digest: String
  private(set) var services: [Service] = []

  static func encode(_ fleet: Fleet, _ places: Range<Int>, epoch: Int) -> [UInt8] {
    var bundle = TensorBundle(source: "state")
    var services: [JSONValue] = []
    for place in places {
      let model = fleet.model.services[place]
      let taken = fleet.cells[place].state.withLock { state in
        state.scorer.map { ($0.memory(), state.recent, state.rows) }
      }
      guard let (memory, recent, rows) = taken else { continue }
      let prefix = "\(services.count)."
      var record = JournalRecord()
      for index in 0..<recent.count { record.add(recent[index], service: "") }
      record.seal()
      bundle.tensors["\(prefix)recent"] = .init(
        shape: [record.bytes.count], values: .uint8(record.bytes))
      for (name, tensor) in memory.features.tensors {
        bundle.tensors["\(prefix)f.\(name)"] = tensor
      }
      for (index, detector) in memory.detectors.enumerated() {
        bundle.tensors["\(prefix)d.\(index)"] = .init(
          shape: [detector.numbers.count], values: .double(detector.numbers))
      }
      services.append([
        "name": .string(model.service), "rows": .integer(rows),
        "columns": .array(model.metricColumns.map(JSONValue.string)),
        "detectors": .integer(memory.detectors.count),
      ])
    }
    let meta: JSONValue = [
      "format": 1, "digest": .string(fleet.model.stateDigest), "epoch": .integer(epoch),
      "services": .array(services),
    ]
    let text = Array(meta.text().utf8)
    bundle.tensors["meta"] = .init(shape: [text.count], values: .uint8(text))
    return bundle.safetensors()
  }

  init(_ bytes: [UInt8], source: String) throws {
    let bundle = try TensorBundle(safetensors: bytes, source: source)
    let meta = JSONDocument(
      try JSONValue(parsing: try bundle.bytes("meta", shape: [nil]), source: source),
      source: source)
    guard try meta["format"].integer == 1 else {
      throw try meta["format"].expected("format 1, which this program reads")
    }
    digest = try meta["digest"].string
    var parts: [Int: TensorBundle] = [:]
    for (name, tensor) in bundle.tensors {
      let words = name.split(separator: ".", maxSplits: 2)
      guard words.count == 3, words[1] == "f", let number = Int(words[0]) else { continue }
      parts[number, default: TensorBundle(source: source)].tensors[String(words[2])] = tensor
    }
    for (number, place) in try meta["services"].elements.enumerated() {
      let detectors = try place["detectors"].integer
      guard (0...100).contains(detectors) else { throw try place["detectors"].expected("a count") }
      var reader = JournalReader(
        try bundle.bytes("\(number).recent", shape: [nil]), from: 0)
      services.append(
        Service(
          name: try place["name"].string,
          columns: try place["columns"].elements.map { try $0.string },
          rows: try place["rows"].integer, recent: reader.rows(),
          memory: ScorerMemory(
            features: parts[number] ?? TensorBundle(source: source),
            detectors: try (0..<detectors).map {
              DetectorMemory(try bundle.doubles("\(number).d.\($0)", shape: [nil]))
            })))
    }
  }
}

extension StatePart.Service {
  /// Gives a fleet what this service remembers.
  func restore(into fleet: Fleet, isSameModel: Bool) {
    guard let place = fleet.model.names.place(of: name) else { return }
    if isSameModel {
      var kept = RecentRows(columns: columns.count, capacity: fleet.model.keptRows)
      for (_, row) in recent where row.metrics.count == columns.count { kept.append(row) }
      let isRestored = fleet.cells[place].state.withLock { state in
        state.restore(memory, recent: kept, last: recent.last?.row.time, rows: rows)
      }
      if isRestored { return }
    }
    for (_, row) in recent {
      fleet.take(row, place: place, columns: columns, isSameModel: isSameModel)
    }
  }
}
