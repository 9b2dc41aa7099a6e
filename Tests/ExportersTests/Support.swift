import Companions
import Diagnostics
import Exporters
import Foundation
import Storage
import Telemetry
import Testing
import Transport

let quiet: ProgressSink = { _ in }
/// The moment at which all exports of these tests begin.
let testNow = Timestamp(seconds: 1_767_229_200)  // 2026-01-01T01:00:00Z

/// A server that is asked again after a moment.
func connection(to url: String) throws -> ServerConnection {
  var connection = ServerConnection(address: try ServerAddress(url), now: testNow)
  connection.retries.base = .milliseconds(1)
  return connection
}

/// The content of a finished export's parts, in the order of their names.
func chunks(in folder: String) throws -> [(name: String, text: String)] {
  try FileSystem.contents(of: "\(folder)/chunks").map { name in
    let file = try FileSystem.readPossiblyCompressed(
      at: "\(folder)/chunks/\(name)", limit: 1 << 30)
    return (name, String(decoding: file.bytes, as: UTF8.self))
  }
}

func manifest(in folder: String) throws -> JSONDocument {
  let path = "\(folder)/manifest.json"
  return JSONDocument(
    try JSONValue(parsing: FileSystem.readFile(at: path, limit: 1 << 30), source: path),
    source: path)
}

/// A generator whose numbers are the same in every run.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// The error that an export ends with; nil when it succeeds, which is recorded when something else
/// is thrown.
func exportError<Result>(_ work: () async throws -> Result) async -> ExportError? {
  do {
    _ = try await work()
    return nil
  } catch let error as ExportError {
    return error
  } catch {
    Issue.record("\(error)")
    return nil
  }
}

/// A range of one series, by default a day at a sample a minute.
func metricsRequest(
  _ server: StandInServer, queries: [String] = ["up"], hours: Int64 = 24, points: Int = 200,
  path: String = ""
) throws -> PrometheusRequest {
  var request = PrometheusRequest(
    connection: try connection(to: server.url + path), queries: queries,
    start: .instant(testNow - .hours(hours + 1)), end: .instant(testNow - .hours(1)),
    step: .minutes(1))
  request.points = points
  return request
}

/// Times of all samples in an export.
func sampleTimes(in folder: String) throws -> [Double] {
  try chunks(in: folder).flatMap { chunk in
    let answer = try JSONSerialization.jsonObject(with: Data(chunk.text.utf8)) as? [String: Any]
    let data = answer?["data"] as? [String: Any]
    let series = data?["result"] as? [[String: Any]] ?? []
    return series.flatMap { ($0["values"] as? [[Any]] ?? []).compactMap { $0[0] as? Double } }
  }
}
