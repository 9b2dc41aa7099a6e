import Ingest
import Storage

/// Texts of Loki in all forms that servers, `logcli` and scripts write.
enum LokiSeeds {
  /// Single lines, without the line feed.
  static let lines = [
    #"{"labels":{"app":"shop","pod":"shop-1"},"line":"INFO user 17 in","timestamp":"2026-01-05T00:00:00.123456789Z"}"#,
    #"{"labels":{"app":"cart"},"line":"a \"quoted\" \\ word\tand \u003cb\u003e \u00e9 \ud83d\ude00","timestamp":"2026-01-05T01:00:00.5+01:00"}"#,
    #"{"line":"no labels","timestamp":"2026-01-05T00:00:01Z"}"#,
    #"{ "timestamp" : "2026-02-28T23:59:59.999999999-05:30" , "labels" : { "app" : "shop" } , "line" : "any order" } "#,
    #"{"labels":{"app":"shop"},"line":"","parsed":{"a":"b"},"n":[1,-2.5e3,true,null],"timestamp":"2024-02-29T00:00:00.1Z"}"#,
    #"{"labels":{"file":"C:\\x","q":"\"}"},"line":"\/","timestamp":"1700-01-01T00:00:00Z"}"#,
    #"{"labels":{},"line":"注文 café 🛒 0123456789012345678901234567890","timestamp":"2026-01-05T00:00:00.000001Z"}"#,
    #"{"labels":{"a":"0123456789012345678901234567890123456789","b":"0123456789012345678901234567890123456789"},"line":"0123456789012345678901234567890\u0000","timestamp":"2026-01-05t00:00:00,25z"}"#,
    #"{"labels":{"l\u0061":"x"},"l\u0069ne":"escaped key","timestamp":"2026-01-05 00:00"}"#,
    "",
    "  \r",
  ]

  static let answers = [
    #"{"status":"success","data":{"resultType":"streams","result":[{"stream":{"app":"shop"},"values":[["1767571200000000001","INFO a"],["1767571200000000000","\"b\"\n\u00e9"],["5","c",{"trace":"1"}]]},{"stream":{"app":"cart","level":"warn"},"values":[["1767571200000000002","d"]]}],"stats":{"a":[1,{"b":null}]}}}"#,
    #"[{"values":[["1","before"],["2","its labels"]],"stream":{"app":"shop"}},{"stream":{},"values":[]}]"#,
    #"{"streams":[{"stream":{"a":"b"},"values":[["1767571200000000000","pushed",{"structuredMetadata":{"x":"y"},"parsed":{"z":"w"}}]]}]}"#,
    "{\"stream\":{\"a\":\"b\"},\"values\":[[\"1\",\"x\"]]}\n{\"stream\":{\"a\":\"c\"},\"values\":[[\"-2\",\"y\"],[\"+3\",\"z\"]]}\n",
    #"{ "data" : { "result" : [ { "stream" : { "a" : "注文" } , "values" : [ [ "1" , "café" ] , [ "0000000000000000000004" , "0123456789012345678901234567890123456789" ] ] } ] } } [{"stream":{"a":"b"},"values":[["9223372036854775807","last"],["7","0123456789012345678901234567890\\"]]}]"#,
    #"{"status":"error","errorType":"timeout","error":"too slow"}"#,
  ]
}

/// What an answer of Loki holds, read as a whole, plainly and slowly, which the reader must equal.
struct WholeLokiAnswer: Equatable {
  struct Stream: Equatable {
    var labels: [String: String]
    var times: [Int64] = []
    var lines: [String] = []
  }

  var streams: [Stream] = []
  private var failure: (type: String, message: String?) = ("", nil)
  private var source = ""

  static func == (a: Self, b: Self) -> Bool { a.streams == b.streams }

  init(streams: [Stream]) { self.streams = streams }

  /// Nil for bytes that do not begin like an answer.
  init?(_ bytes: [UInt8], source: String) throws {
    self.source = source
    var reader = JSONReader(bytes, source: source)
    guard let first = reader.peek() else { return nil }
    if first != 0x5B {
      let keys = [
        "status", "data", "resultType", "result", "error", "errorType", "streams", "stream",
        "values",
      ]
      var head = JSONReader(bytes, source: source)
      guard head.take("{"), let key = try? head.string(), keys.contains(key) else { return nil }
    }
    while let first = reader.peek() {
      switch first {
      case 0x5B: try result(&reader)
      case 0x7B: try envelope(&reader)
      default: throw reader.error("text after the end of the document")
      }
      if let message = failure.message {
        let type = failure.type.isEmpty ? "error" : failure.type
        throw IngestError.failedQuery(path: source, type: type, message: message)
      }
    }
  }

  private mutating func envelope(_ reader: inout JSONReader, depth: Int = 0) throws {
    guard depth < 64 else { throw reader.error("nested deeper than 64 levels") }
    var (labels, entries) = ([String: String]?.none, [(Int64, String)]?.none)
    try reader.object { key, reader in
      let isWaiting = labels == nil && entries?.isEmpty == false
      let nested = "streams within a log stream, whose member 'stream' is missing"
      switch key {
      case "status":
        if try reader.string() != "success" { failure.message = failure.message ?? "no message" }
      case "errorType": failure.type = try reader.string()
      case "error": failure.message = try reader.string()
      case "data":
        guard reader.peek() == 0x7B else { return try reader.skip() }
        guard !isWaiting else { throw reader.error(nested) }
        try envelope(&reader, depth: depth + 1)
      case "resultType":
        let type = try reader.string()
        guard type == "streams" else {
          throw IngestError.unsupported(
            path: source,
            reason: "result type \(quoted(type)) is metrics, not log lines; read it as prometheus")
        }
      case "result", "streams":
        guard !isWaiting else { throw reader.error(nested) }
        try result(&reader)
      default: try member(key, &reader, &labels, &entries)
      }
    }
    if labels != nil || entries != nil { try finish(reader, labels, entries) }
  }

  private mutating func result(_ reader: inout JSONReader) throws {
    try reader.array { reader in
      var (labels, entries) = ([String: String]?.none, [(Int64, String)]?.none)
      try reader.object { key, reader in try member(key, &reader, &labels, &entries) }
      try finish(reader, labels, entries)
    }
  }

  private func member(
    _ key: String, _ reader: inout JSONReader, _ labels: inout [String: String]?,
    _ entries: inout [(Int64, String)]?
  ) throws {
    switch key {
    case "stream":
      guard labels == nil else { throw reader.error("second member 'stream'") }
      var members: [String: String] = [:]
      try reader.object { key, reader in
        guard members.updateValue(try reader.string(), forKey: key) == nil else {
          throw reader.error("second label \(quoted(key))")
        }
      }
      labels = members
    case "values":
      guard entries == nil else { throw reader.error("second member 'values'") }
      var found: [(Int64, String)] = []
      try reader.array { found.append(try entry(&$0)) }
      entries = found
    default: try reader.skip()
    }
  }

  private func entry(_ reader: inout JSONReader) throws -> (Int64, String) {
    try reader.expect("[")
    let text = try reader.string()
    guard let time = Int64(text) else {
      throw reader.error("\(quoted(text)) is not a number of nanoseconds since 1970")
    }
    try reader.expect(",")
    let line = try reader.string()
    while reader.take(",") { try reader.skip() }
    try reader.expect("]")
    return (time, line)
  }

  private mutating func finish(
    _ reader: borrowing JSONReader, _ labels: [String: String]?, _ entries: [(Int64, String)]?
  ) throws {
    guard let labels else { throw reader.error("log stream without a member 'stream'") }
    guard let entries, !entries.isEmpty else { return }
    let index = streams.firstIndex { $0.labels == labels } ?? streams.count
    if index == streams.count { streams.append(Stream(labels: labels)) }
    for (time, line) in entries {
      streams[index].times.append(time)
      streams[index].lines.append(line)
    }
  }
}
