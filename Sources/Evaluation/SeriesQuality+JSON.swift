internal import Storage

extension SeriesQuality {
  var json: JSONValue {
    .object(
      Dictionary(
        Self.figures.map { ($0.name, JSONValue.optional(self[keyPath: $0.path])) },
        uniquingKeysWith: { first, _ in first }))
  }

  init(json: JSONDocument) throws {
    self.init()
    for (name, path) in Self.figures {
      self[keyPath: path] = try json.optional(name)?.number
    }
  }
}
