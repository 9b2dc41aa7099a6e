internal import Ingest

/// `loki`: an answer of the query API into labels, nanoseconds and lines.
struct LokiAnswerWorkload: LokiWorkload {
  let source: SourceConfiguration

  init(data: String) { source = .loki(path: "\(data)/loki.json") }
}

/// `loki-lines`: the same lines as JSON lines, each with its labels.
struct LokiLinesWorkload: LokiWorkload {
  let source: SourceConfiguration

  init(data: String) { source = .loki(path: "\(data)/loki.jsonl") }
}

/// A file of log streams that is read into columns.
protocol LokiWorkload: Workload where Result == [LogStream] {
  var source: SourceConfiguration { get }
}

extension LokiWorkload {
  func run() throws -> [LogStream] { try readColumns(source).streams }

  func facts(of result: [LogStream]) -> [String: Double] {
    [
      "streams": Double(result.count),
      "lines": Double(result.reduce(0) { $0 + $1.times.count }),
      "label_bytes": Double(result.reduce(0) { $0 + labelBytes($1.labels) }),
      "text_bytes": Double(result.reduce(0) { $0 + $1.text.count }),
    ]
  }

  /// Per stream, in the order of their canonical labels: the times, then the lines with line feeds.
  func dump(of result: [LogStream]) -> [UInt8] {
    var bytes: [UInt8] = []
    for stream in result.sorted(by: { name($0).utf8.lexicographicallyPrecedes(name($1).utf8) }) {
      for time in stream.times { bytes.append(bytesOf: time) }
      var start = 0
      for end in stream.ends {
        bytes.append(contentsOf: stream.text[start..<end])
        bytes.append(0x0A)
        start = end
      }
    }
    return bytes
  }

  private func name(_ stream: LogStream) -> String {
    stream.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
  }
}
