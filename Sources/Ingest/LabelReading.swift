internal import Storage

/// How many labels a series or stream may have: their number, and the bytes of names and values.
private let labelLimit = (count: 1000, bytes: 1 << 20)

/// Labels as they are read, within limits.
private struct LabelCollector {
  private(set) var labels: [String: String] = [:]
  private var bytes = 0

  /// Adds a label; returns what is wrong with it, nil for nothing.
  mutating func add(_ key: String, _ value: String) -> String? {
    bytes += key.utf8.count + value.utf8.count
    guard labels.updateValue(value, forKey: key) == nil else {
      return "second label \(quoted(key))"
    }
    guard labels.count <= labelLimit.count, bytes <= labelLimit.bytes else {
      return "more than \(labelLimit.count) labels or \(labelLimit.bytes) bytes of them"
    }
    return nil
  }
}

extension JSONStream {
  /// Reads an object of labels: texts, each name once, at most 1000 of them and a MiB.
  ///
  /// - Throws: `StorageError.invalidJSON` with the place.
  mutating func labels() throws -> [String: String] {
    var collector = LabelCollector()
    try object { key, stream in
      if let fault = collector.add(key, try stream.string()) { throw stream.error(fault) }
    }
    return collector.labels
  }
}

extension JSONReader {
  /// Reads an object of labels as `JSONStream.labels()` does.
  mutating func labels() throws -> [String: String] {
    var collector = LabelCollector()
    try object { key, reader in
      if let fault = collector.add(key, try reader.string()) { throw reader.error(fault) }
    }
    return collector.labels
  }
}
