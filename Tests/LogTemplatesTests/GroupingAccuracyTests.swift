import Foundation
import LogTemplates
import Storage
import Telemetry
import Testing

/// The samples of loghub (Zhu et al., ISSRE 2023): 2,000 lines of a system, each with the template
/// that people gave it.
private enum Loghub {
  static let systems = [
    "Apache", "BGL", "HDFS", "Hadoop", "Linux", "OpenStack", "Spark", "Windows",
  ]
  static var folder: String {
    if let path = ProcessInfo.processInfo.environment["AUTOPILOT_DATASETS"] {
      return path + "/loghub"
    }
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return package.deletingLastPathComponent().path + "/shared/datasets/loghub"
  }
  static var isThere: Bool { FileManager.default.fileExists(atPath: folder) }

  /// The messages of a system and the names of their true templates.
  static func sample(_ system: String) throws -> (messages: [String], truth: [String]) {
    let path = "\(folder)/\(system)/\(system)_2k.log_structured.csv"
    let bytes = try #require(FileManager.default.contents(atPath: path), "\(path)")
    let rows = rows(Array(bytes))
    let content = try #require(rows[0].firstIndex(of: "Content"))
    let event = try #require(rows[0].firstIndex(of: "EventId"))
    return (rows.dropFirst().map { $0[content] }, rows.dropFirst().map { $0[event] })
  }

  /// The rows of a CSV file with quoted fields.
  private static func rows(_ bytes: [UInt8]) -> [[String]] {
    var rows: [[String]] = [[]]
    var field: [UInt8] = []
    var isQuoted = false
    func text() -> String { String(decoding: field, as: UTF8.self) }
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case 0x22:
        // The second of two quotes inside a field stands for one.
        if !isQuoted, index > 0, bytes[index - 1] == 0x22 { field.append(byte) }
        isQuoted.toggle()
      case 0x2C where !isQuoted:
        rows[rows.count - 1].append(text())
        field = []
      case 0x0A where !isQuoted:
        rows[rows.count - 1].append(text())
        rows.append([])
        field = []
      case 0x0D where !isQuoted: break
      default: field.append(byte)
      }
    }
    if rows.last == [] { rows.removeLast() } else { rows[rows.count - 1].append(text()) }
    return rows
  }
}

/// The share of lines whose group holds exactly the lines of their true group.
private func groupingAccuracy(_ groups: [Int?], _ truth: [String]) -> Double {
  var found: [Int: [Int]] = [:]
  var wanted: [String: [Int]] = [:]
  for index in truth.indices {
    if let group = groups[index] { found[group, default: []].append(index) }
    wanted[truth[index], default: []].append(index)
  }
  let right = wanted.values.filter { lines in
    groups[lines[0]].map { found[$0] == lines } ?? false
  }
  return Double(right.reduce(0) { $0 + $1.count }) / Double(truth.count)
}

@Suite(
  .enabled(
    if: Loghub.isThere,
    "needs the public datasets; set AUTOPILOT_DATASETS to their folder, see their catalog"))
struct GroupingAccuracyTests {
  /// Accuracy per system, of the template that a line ends in.
  private func accuracies(
    _ configuration: TemplateMiner.Configuration, inOrder: Bool
  ) throws -> [Double] {
    try Loghub.systems.map { system in
      let (messages, truth) = try Loghub.sample(system)
      #expect(messages.count == 2000)
      let patterns = messages.map { LogMask.pattern(of: $0, rules: configuration.rules) }
      var dictionary = TemplateMiner.mine(patterns, configuration: configuration).dictionary
      if inOrder {
        var miner = TemplateMiner(configuration)
        for pattern in patterns { miner.add(pattern) }
        dictionary = miner.dictionary()
      }
      return groupingAccuracy(patterns.map { dictionary.match($0) }, truth)
    }
  }

  private func report(_ title: String, _ accuracies: [Double]) -> Double {
    let mean = accuracies.reduce(0, +) / Double(accuracies.count)
    let parts = zip(Loghub.systems, accuracies).map { "\($0) \($1)" }
    print("grouping accuracy, \(title): \(parts.joined(separator: ", ")); mean \(mean)")
    return mean
  }

  @Test func `training groups the lines of eight systems as people did`() throws {
    let mean = report("trained", try accuracies(TemplateMiner.Configuration(), inOrder: false))
    #expect(mean >= 0.985)
  }

  @Test func `the stream groups them as well`() throws {
    let mean = report("streamed", try accuracies(TemplateMiner.Configuration(), inOrder: true))
    #expect(mean >= 0.98)
  }

  @Test func `every kind of mask earns its place`() throws {
    let all = report("all masks", try accuracies(TemplateMiner.Configuration(), inOrder: false))
    for name in ["numbers", "quotes", "units", "names", "calendar", "identifiers"] {
      let kind = try LogMaskRules(reread(["built_in": [.string(name)]])).builtIn
      var configuration = TemplateMiner.Configuration()
      configuration.rules = LogMaskRules(builtIn: .all.subtracting(kind))
      let mean = report("without \(name)", try accuracies(configuration, inOrder: false))
      #expect(mean <= all, "masking \(name) costs accuracy")
    }
    var configuration = TemplateMiner.Configuration()
    configuration.rules = LogMaskRules(builtIn: [])
    let none = report("without masks", try accuracies(configuration, inOrder: false))
    #expect(none < all - 0.2)
  }
}
