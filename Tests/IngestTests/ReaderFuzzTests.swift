import Foundation
import Ingest
import Storage
import Telemetry
import Testing

/// Damaged sources of every kind, through the public way in.
///
/// `AUTOPILOT_FUZZ_ROUNDS` says how many per source, `AUTOPILOT_FUZZ_SEED` where to begin. An input
/// that ends the process stays in the temporary folder `autopilot-ingest-…` it was read from.
@Suite(.serialized) struct ReaderFuzzTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let rounds =
    environment["AUTOPILOT_FUZZ_ROUNDS"].flatMap { Int($0) }.map { max(1, $0 / 20) } ?? 100
  private static let seed = environment["AUTOPILOT_FUZZ_SEED"].flatMap { UInt64($0) } ?? 0

  /// Little of everything, so that what does not keep to a limit shows.
  private static func limited(_ configuration: IngestConfiguration) -> IngestConfiguration {
    var configuration = configuration
    configuration.limits.earliest = Timestamp(seconds: -86_400)
    configuration.limits.inputBytes = 4 << 20
    configuration.limits.documentBytes = 2 << 20
    configuration.limits.lineBytes = 64 << 10
    configuration.limits.memoryBytes = 1 << 20
    configuration.limits.series = 500
    configuration.limits.cells = 200_000
    configuration.limits.patternsPerService = 50
    configuration.limits.transitionsPerService = 50
    configuration.scratchFolder = NSTemporaryDirectory()
    return configuration
  }

  @Test(arguments: ReaderSeeds.all)
  func `what is not damaged is read`(_ seed: ReaderSeed) throws {
    let folder = try TestFolder()
    for choice in 0..<(seed.files.map(\.contents.count).max() ?? 1) {
      for file in seed.files {
        try folder.write(file.name, file.contents[choice % file.contents.count])
      }
      let data = try ingest(Self.limited(seed.configuration(folder.path)))
      #expect(data.grid.count > 0)
    }
  }

  @Test(arguments: ReaderSeeds.all)
  func `what is damaged is read, or refused in one line that names the file`(
    _ seed: ReaderSeed
  ) throws {
    let folder = try TestFolder()
    let everything = ReaderSeeds.all.flatMap(\.files).flatMap(\.contents)
    let configuration = Self.limited(seed.configuration(folder.path))
    for round in 0..<Self.rounds {
      var damage = Damage(seed: (Self.seed + UInt64(round)) &* 0x9E37_79B9 ^ hash(of: seed.name))
      for (name, bytes) in damage.files(of: seed, others: everything) {
        try write(bytes, to: "\(folder.path)/\(name)")
      }
      do {
        _ = try ingest(configuration)
      } catch {
        guard let problem = problem(with: error, in: folder.path) else { continue }
        Issue.record(
          "\(seed.name), round \(round), seed \(Self.seed): \(problem): \(error.description)")
        return
      }
    }
  }

  /// What is wrong with an error, nil for nothing.
  private func problem(with error: IngestError, in folder: String) -> String? {
    let text = error.description
    let controls = text.unicodeScalars.contains {
      [.control, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
    }
    if controls { return "more than a line" }
    if text.utf8.count > 4096 { return "\(text.utf8.count) bytes" }
    switch error {
    // These are about files taken together.
    case .incidentsOutsideData, .emptyRange, .serviceTooLarge: return nil
    case .unsortedSeries(_, let source, _, _): return text.contains(source) ? nil : "no source"
    default: return text.contains(folder) ? nil : "no file"
    }
  }

  /// Without the care for power failures that costs most of the time.
  private func write(_ bytes: [UInt8], to path: String) throws {
    let url = URL(filePath: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  private func hash(of text: String) -> UInt64 {
    text.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) }
  }
}
