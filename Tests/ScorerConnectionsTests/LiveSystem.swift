import Companions
import Foundation
import Storage
import Synchronization
import Telemetry
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// A service whose queue and latency a test can ruin, as it shows them to Prometheus, and as it has
/// shown them for hours.
final class Shop: Sendable {
  private final class Flag: Sendable { let value = Mutex(false) }

  let port: Int
  private let server: StandInServer
  private let flag: Flag

  init() async throws {
    let flag = Flag()
    let listening = try await StandInServer { _ in
      let now = Int64(Date().timeIntervalSince1970)
      return .text(Shop.metrics(at: now, isUnwell: flag.value.withLock { $0 }))
    }
    (port, server) = (listening.port, listening)
    self.flag = flag
  }

  func set(unwell: Bool) { flag.value.withLock { $0 = unwell } }

  /// What a metric is at a second: regular, with some noise.
  static func level(_ name: String, _ second: Int64, isUnwell: Bool) -> Double {
    var mixed = UInt64(bitPattern: second) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(name.utf8.count)
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    let noise = Double(mixed >> 11) * 0x1p-53
    switch name {
    case "queue_length": return 20 + 4 * noise + (isUnwell ? 300 : 0)
    default: return 0.2 + 0.05 * noise + (isUnwell ? 4 : 0)
    }
  }

  static func metrics(at second: Int64, isUnwell: Bool) -> String {
    var text = ""
    for name in ["queue_length", "latency_seconds"] {
      text += "# TYPE \(name) gauge\n\(name) \(level(name, second, isUnwell: isUnwell))\n"
    }
    return text + "# TYPE requests_total counter\nrequests_total \(requests(at: second))\n"
  }

  /// Three requests a second, give or take two.
  private static func requests(at second: Int64) -> Int64 {
    second % 1_000_000 * 3 + Int64((level("latency_seconds", second, isUnwell: false) - 0.2) * 50)
  }

  /// The same for a time that is over, in OpenMetrics with the labels of a scrape.
  func history(from start: Int64, to end: Int64, step: Int64, unwell: [Range<Int64>]) -> String {
    let labels = "{job=\"cart\",instance=\"127.0.0.1:\(port)\"}"
    let times = stride(from: start, through: end, by: Int(step))
    var text = ""
    for name in ["queue_length", "latency_seconds"] {
      text += "# TYPE \(name) gauge\n"
      for time in times {
        let isUnwell = unwell.contains { $0.contains(time) }
        text += "\(name)\(labels) \(Self.level(name, time, isUnwell: isUnwell)) \(time)\n"
      }
    }
    text += "# TYPE requests counter\n"
    for time in times { text += "requests_total\(labels) \(Self.requests(at: time)) \(time)\n" }
    return text + "# EOF\n"
  }
}

/// A SeaweedFS with a bucket where its program is there, and else a folder.
final class ModelRegistry {
  let location: String
  let environment: [String: String]
  private let server: Companion?

  init(in folder: TestFolder) async throws {
    let python = ProcessInfo.processInfo.environment["AUTOPILOT_PEERS_PYTHON"]
    let beside = python.map { ($0 as NSString).deletingLastPathComponent + "/weed" }
    guard
      let weed = beside.flatMap({ FileManager.default.isExecutableFile(atPath: $0) ? $0 : nil })
        ?? program("weed")
    else {
      (location, environment, server) = ("\(folder.path)/registry", [:], nil)
      return
    }
    // Each port has another one 10,000 above it, which is to lie below those of clients.
    let base = 12_000 + Int.random(in: 0..<1500) * 6
    let identities = try folder.write(
      "s3.json",
      """
      {"identities": [{"name": "test", "credentials": [{"accessKey": "testkey", "secretKey":
      "testsecret"}], "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}
      """)
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/s3", withIntermediateDirectories: true)
    server = try Companion(
      weed,
      [
        "-logtostderr=true", "mini", "-dir=\(folder.path)/s3", "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1", "-master.port=\(base)", "-volume.port=\(base + 1)",
        "-filer.port=\(base + 2)", "-s3.port=\(base + 3)", "-admin.port=\(base + 4)",
        "-s3.config=\(identities)", "-s3.port.iceberg=0", "-s3.port.lance=0", "-webdav=false",
        "-admin.ui=false", "-master.telemetry=false", "-bucket=models",
      ], log: "\(folder.path)/weed.log")
    location = "s3://models/team/registry"
    environment = [
      "AWS_ACCESS_KEY_ID": "testkey", "AWS_SECRET_ACCESS_KEY": "testsecret",
      "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:\(base + 3)", "AWS_EC2_METADATA_DISABLED": "true",
      "HOME": folder.path,
    ]
    for _ in 0..<60 {
      // A bucket without anything is no registry yet.
      let listed = try await run(tool, ["registry", "list", location], environment: environment)
      if listed.code == 0 || listed.errors.contains("no registry here") { return }
      try await Task.sleep(for: .seconds(1))
    }
    Issue.record("no bucket within a minute")
  }
}

/// An answer of a server under test.
struct Reply {
  var status: Int
  var text: String

  func json() throws -> JSONDocument {
    JSONDocument(try JSONValue(parsing: Array(text.utf8), source: "reply"), source: "reply")
  }
}

/// Asks a server by another client than ours; nil when nobody answers.
func ask(_ url: String, post body: String? = nil, type: String = "application/json") async -> Reply?
{
  guard let address = URL(string: url) else { return nil }
  var request = URLRequest(url: address, timeoutInterval: 10)
  if let body {
    request.httpMethod = "POST"
    request.httpBody = Data(body.utf8)
    request.setValue(type, forHTTPHeaderField: "content-type")
  }
  guard let (data, response) = try? await URLSession.shared.data(for: request),
    let answer = response as? HTTPURLResponse
  else { return nil }
  return Reply(status: answer.statusCode, text: String(decoding: data, as: UTF8.self))
}

/// Waits for something to become true.
func wait(seconds: Int, until isTrue: () async throws -> Bool) async throws -> Bool {
  for _ in 0..<seconds * 5 {
    if try await isTrue() { return true }
    try await Task.sleep(for: .milliseconds(200))
  }
  return false
}
