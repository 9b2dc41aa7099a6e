internal import Features
internal import Storage
internal import Telemetry

/// Reads the bodies of `POST /v1/rows`:
///
///     {"rows": [{"service": "cart", "time": "2026-11-30T15:00:00Z",
///                "metrics": {"cpu": 0.41, "errors": null},
///                "logs": [{"pattern": "GET <path> took <num> ms", "level": "info", "lines": 12}]}]}
///
/// `values` in the place of `metrics` lists the service's columns in their order. A time may also be a
/// number of seconds since 1970.
struct RowReader: ~Copyable {
  private let model: ServedModel
  private let bytes: [UInt8]
  private var batch = RowBatch()
  /// Metrics named in the body that their service does not have.
  private var unknownMetrics = 0

  private init(_ bytes: [UInt8], model: ServedModel) {
    (self.bytes, self.model) = (bytes, model)
  }

  /// Reads a body.
  ///
  /// - Returns: The rows, and how many of their values no service has.
  /// - Throws: `StorageError` that says what is wrong at which byte.
  static func read(
    _ bytes: [UInt8], model: ServedModel
  ) throws -> (batch: RowBatch, unknownMetrics: Int) {
    var reader = RowReader(bytes, model: model)
    try reader.read()
    return (reader.batch, reader.unknownMetrics)
  }

  private mutating func read() throws {
    var json = JSONReader(bytes, source: "body")
    var hasRows = false
    try json.object { key, json in
      guard key == "rows" else { return try json.skip() }
      guard !hasRows else { throw json.error("'rows' twice") }
      hasRows = true
      try json.array { json in
        guard batch.rows.count < RowBatch.mostRows else {
          throw json.error("more than \(RowBatch.mostRows) rows")
        }
        try readRow(&json)
      }
    }
    try json.expectEnd()
    guard hasRows else { throw json.error("no member 'rows'") }
  }

  private mutating func readRow(_ json: inout JSONReader) throws {
    var row = RowBatch.Row(
      place: nil, time: Timestamp(milliseconds: 0),
      values: batch.values.count..<batch.values.count)
    var (hasService, hasTime, hasValues) = (false, false, false)
    // Metrics before their service are read when it is known.
    var metricsAt: Int?
    var isLate = false
    try json.object { key, json in
      switch key {
      case "service":
        hasService = true
        row.place = try place(&json)
      case "time":
        hasTime = true
        row.time = try Self.time(&json)
      case "values":
        hasValues = true
        try json.numbers(into: &batch.values, limit: batch.values.count + Self.mostValues)
        row.values = row.values.lowerBound..<batch.values.count
      case "metrics":
        guard metricsAt == nil else { throw json.error("'metrics' twice") }
        metricsAt = json.position
        isLate = !hasService
        if hasService { try metrics(&json, of: &row) } else { try json.skip() }
      case "logs": row.logs = try logs(&json)
      case "transitions": row.transitions = try transitions(&json)
      default: try json.skip()
      }
    }
    guard hasService, hasTime else {
      throw json.error("a row without '\(hasService ? "time" : "service")'")
    }
    guard !hasValues || metricsAt == nil else {
      throw json.error("a row with both 'values' and 'metrics'")
    }
    if let metricsAt, isLate {
      var again = JSONReader(bytes, range: metricsAt..<bytes.count, source: "body")
      try metrics(&again, of: &row)
    }
    if let place = row.place, hasValues,
      row.values.count > model.services[place].metricColumns.count
    {
      throw json.error(
        "\(row.values.count) values for the \(model.services[place].metricColumns.count) columns of "
          + "'\(model.services[place].service)'")
    }
    batch.rows.append(row)
  }

  private static let mostValues = 1 << 20

  private func place(_ json: inout JSONReader) throws -> Int? {
    if let range = json.plainString() {
      return model.names.place(of: bytes.span.extracting(range))
    }
    return model.names.place(of: try json.string())
  }

  private mutating func metrics(
    _ json: inout JSONReader, of row: inout RowBatch.Row
  ) throws {
    let begin = batch.values.count
    guard let place = row.place else {
      // Counted, so that a service which nobody knows shows up with all that it sent.
      try json.object { _, json in
        batch.values.append(try Self.number(&json))
      }
      row.values = begin..<batch.values.count
      return
    }
    let columns = model.columns[place]
    batch.values.append(contentsOf: repeatElement(.nan, count: columns.count))
    row.values = begin..<batch.values.count
    guard json.take("{") else { throw json.error("expected an object of metrics") }
    if json.take("}") { return }
    repeat {
      let column: Int?
      if let range = json.plainString() {
        column = columns.place(of: bytes.span.extracting(range))
      } else {
        column = columns.place(of: try json.string())
      }
      try json.expect(":")
      let value = try Self.number(&json)
      if let column { batch.values[begin + column] = value } else { unknownMetrics += 1 }
    } while json.take(",")
    try json.expect("}")
  }

  private static func number(_ json: inout JSONReader) throws -> Double {
    if json.peek() == 0x6E {
      guard try json.word() == nil else { throw json.error("expected a number or null") }
      return .nan
    }
    return try json.number()
  }

  /// An RFC 3339 text, or seconds since 1970.
  static func time(_ json: inout JSONReader) throws -> Timestamp {
    guard json.peek() == 0x22 else {
      let milliseconds = (try json.number() * 1000).rounded()
      guard abs(milliseconds) < 1e15 else { throw json.error("expected seconds since 1970") }
      return Timestamp(milliseconds: Int64(milliseconds))
    }
    guard let time = Timestamp(rfc3339: try json.string()) else {
      throw json.error("expected an RFC 3339 instant before this")
    }
    return time
  }

  private static let mostLogEntries = 100_000

  private func logs(
    _ json: inout JSONReader
  ) throws -> [(pattern: LogPattern, lines: Int)]? {
    if json.peek() == 0x6E {
      guard try json.word() == nil else { throw json.error("expected a list or null") }
      return nil
    }
    var found: [(pattern: LogPattern, lines: Int)] = []
    try json.array { json in
      var (pattern, lines) = (LogPattern(text: "", level: .unknown), 1)
      try json.object { key, json in
        switch key {
        case "pattern": pattern.text = try json.string()
        case "level": pattern.level = try Self.level(&json)
        case "lines":
          lines = try json.integer()
          guard (1...1 << 40).contains(lines) else { throw json.error("lines out of range") }
        default: try json.skip()
        }
      }
      guard found.count < Self.mostLogEntries else { throw json.error("too many log patterns") }
      found.append((pattern, lines))
    }
    return found
  }

  private static func level(_ json: inout JSONReader) throws -> LogLevel {
    let name = try json.string()
    guard let level = LogLevel.allCases.first(where: { "\($0)" == name }) else {
      throw json.error("unknown level '\(name.prefix(20))'")
    }
    return level
  }

  /// Pairs `{"from": …, "from_level": …, "to": …, "to_level": …, "lines": …}`.
  private func transitions(
    _ json: inout JSONReader
  ) throws -> [(from: LogPattern, to: LogPattern, lines: Int)]? {
    if json.peek() == 0x6E {
      guard try json.word() == nil else { throw json.error("expected a list or null") }
      return nil
    }
    var found: [(from: LogPattern, to: LogPattern, lines: Int)] = []
    try json.array { json in
      var (from, to, lines) = (
        LogPattern(text: "", level: .unknown), LogPattern(text: "", level: .unknown), 1
      )
      try json.object { key, json in
        switch key {
        case "from": from.text = try json.string()
        case "from_level": from.level = try Self.level(&json)
        case "to": to.text = try json.string()
        case "to_level": to.level = try Self.level(&json)
        case "lines":
          lines = try json.integer()
          guard (1...1 << 40).contains(lines) else { throw json.error("lines out of range") }
        default: try json.skip()
        }
      }
      guard found.count < Self.mostLogEntries else { throw json.error("too many transitions") }
      found.append((from, to, lines))
    }
    return found
  }
}
