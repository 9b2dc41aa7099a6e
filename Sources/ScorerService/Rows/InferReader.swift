internal import Features
internal import Storage
internal import Telemetry

/// Reads the bodies of `POST /v2/models/{name}/infer`, requests of the Open Inference Protocol with
/// the inputs `service` BYTES [n], `time` INT64 [n] in milliseconds since 1970, and `values` FP64
/// [n, columns], null where a value is missing and at the end of rows of services with fewer columns.
struct InferReader {
  /// What a request says.
  struct Request {
    var batch = RowBatch()
    /// Its identifier, as JSON.
    var id: String?
  }

  private enum Input { case service, time, values, other }

  private let model: ServedModel
  private let bytes: [UInt8]
  private var places: [Int?]?
  private var times: [Double]?
  private var values: [Double]?
  private var shapes: [Input: [Int]] = [:]

  private init(_ bytes: [UInt8], model: ServedModel) { (self.bytes, self.model) = (bytes, model) }

  /// Reads a body.
  ///
  /// - Throws: `StorageError` that says what is wrong at which byte.
  static func read(_ bytes: [UInt8], model: ServedModel) throws -> Request {
    var reader = InferReader(bytes, model: model)
    return try reader.read()
  }

  private mutating func read() throws -> Request {
    var json = JSONReader(bytes, source: "body")
    var request = Request()
    try json.object { key, json in
      switch key {
      case "id": request.id = JSONValue.string(try json.string()).text()
      case "inputs": try json.array { try input(&$0) }
      default: try json.skip()
      }
    }
    try json.expectEnd()
    guard let places, let times, let values else {
      throw json.error("inputs 'service', 'time' and 'values' are needed")
    }
    let rows = places.count
    guard rows > 0 else { throw json.error("no rows") }
    guard times.count == rows, values.count % rows == 0 else {
      throw json.error(
        "\(rows) services, \(times.count) times and \(values.count) values do not make rows")
    }
    let columns = values.count / rows
    for (input, expected) in [
      (Input.service, [rows]), (.time, [rows]), (.values, [rows, columns]),
    ] where shapes[input] != expected {
      throw json.error("\(input): shape \(shapes[input] ?? []) for data of \(expected)")
    }
    request.batch.rows.reserveCapacity(rows)
    for row in 0..<rows {
      guard abs(times[row]) < 1e15 else { throw json.error("time: milliseconds since 1970") }
      var range = row * columns..<(row + 1) * columns
      if let place = places[row], columns > model.columns[place].count {
        let known = range.lowerBound + model.columns[place].count
        guard values[known..<range.upperBound].allSatisfy(\.isNaN) else {
          throw json.error(
            "values: row \(row) has more than the \(model.columns[place].count) columns of its service"
          )
        }
        range = range.lowerBound..<known
      }
      request.batch.rows.append(
        RowBatch.Row(
          place: places[row], time: Timestamp(milliseconds: Int64(times[row])), values: range))
    }
    request.batch.values = values
    return request
  }

  private mutating func input(_ json: inout JSONReader) throws {
    var kind: Input?
    var shape: [Int] = []
    // Data before its name is read when that is known.
    var dataAt: Int?
    try json.object { key, json in
      switch key {
      case "name":
        switch try json.string() {
        case "service": kind = .service
        case "time": kind = .time
        case "values": kind = .values
        default: kind = .other
        }
      case "shape":
        try json.array { json in
          guard shape.count < 8 else { throw json.error("more than eight dimensions") }
          shape.append(try json.integer())
        }
      case "data":
        guard dataAt == nil else { throw json.error("'data' twice") }
        dataAt = json.position
        if let kind { try data(&json, of: kind) } else { try json.skip() }
        if kind != nil { dataAt = -1 }
      default: try json.skip()
      }
    }
    guard let kind, let dataAt else { throw json.error("an input without a name or data") }
    if dataAt >= 0 {
      var again = JSONReader(bytes, range: dataAt..<bytes.count, source: "body")
      try data(&again, of: kind)
    }
    shapes[kind] = shape
  }

  private mutating func data(_ json: inout JSONReader, of kind: Input) throws {
    let limit = bytes.count / 2 + 1
    switch kind {
    case .service:
      guard places == nil else { throw json.error("input 'service' twice") }
      var places: [Int?] = []
      try json.array { json in
        guard places.count < RowBatch.mostRows else {
          throw json.error("more than \(RowBatch.mostRows) rows")
        }
        if let range = json.plainString() {
          places.append(model.names.place(of: bytes.span.extracting(range)))
        } else {
          places.append(model.names.place(of: try json.string()))
        }
      }
      self.places = places
    case .time:
      guard times == nil else { throw json.error("input 'time' twice") }
      var times: [Double] = []
      try json.numbers(into: &times, limit: limit)
      guard times.allSatisfy({ $0.isFinite }) else { throw json.error("time: a null") }
      self.times = times
    case .values:
      guard values == nil else { throw json.error("input 'values' twice") }
      var values: [Double] = []
      values.reserveCapacity(min(limit, (places?.count ?? 1) * 64))
      try json.numbers(into: &values, limit: limit)
      self.values = values
    case .other: try json.skip()
    }
  }
}
