internal import Storage
internal import Transport

/// What a range query's answer holds, counted to make sure that all of it came.
struct PrometheusAnswer: Sendable {
  private(set) var series = 0
  private(set) var samples = 0
  /// Native histograms, which ingest cannot read yet.
  private(set) var histograms = 0
  /// What the server says of its answer, such as that a part of its stores was away.
  private(set) var warnings: [String] = []
  private var status: String?
  private var resultType: String?
  private var hasResult = false

  /// - Throws: `StorageError` for another form, `ExportError.unexpectedAnswer` for another result.
  init(_ answer: Answer) throws {
    var reader = JSONReader(answer.text, source: answer.url)
    try reader.object { key, reader in
      switch key {
      case "status": status = try reader.string()
      case "data": try data(&reader)
      case "warnings": try reader.array { warnings.append(firstLine(try $0.string())) }
      default: try reader.skip()
      }
    }
    try reader.expectEnd()
    guard status == "success", resultType == "matrix", hasResult else {
      throw ExportError.unexpectedAnswer(
        url: answer.url,
        reason: "answered with status '\(firstLine(status ?? "none"))' and result type "
          + "'\(firstLine(resultType ?? "none"))', not with a matrix")
    }
  }

  private mutating func data(_ reader: inout JSONReader) throws {
    try reader.object { key, reader in
      switch key {
      case "resultType": resultType = try reader.string()
      case "result":
        hasResult = true
        try reader.array { try oneSeries(&$0) }
      default: try reader.skip()
      }
    }
  }

  private mutating func oneSeries(_ reader: inout JSONReader) throws {
    series += 1
    try reader.object { key, reader in
      switch key {
      case "values":
        try reader.array {
          samples += 1
          try $0.skip()
        }
      case "histograms":
        try reader.array {
          histograms += 1
          try $0.skip()
        }
      default: try reader.skip()
      }
    }
  }
}

/// The metric names of a label query's answer.
func metricNames(_ answer: Answer) throws -> [String] {
  let document = JSONDocument(
    try JSONValue(parsing: answer.text, source: answer.url), source: answer.url)
  return try document["data"].elements.map { try $0.string }
}
