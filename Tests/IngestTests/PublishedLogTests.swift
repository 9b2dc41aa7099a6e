import Ingest
import LogTemplates
import Storage
import Telemetry
import Testing

private let loghub = "\(PublicData.root)/loghub"

@Suite(.enabled(if: PublicData.has("loghub"), Comment(rawValue: PublicData.hint)))
struct PublishedLogHubTests {
  @Test(arguments: [
    ("Apache", 6), ("BGL", 120), ("HDFS", 14), ("Hadoop", 114), ("Linux", 118), ("OpenStack", 43),
    ("Spark", 36), ("Windows", 50),
  ])
  func `the text of every line is the published one`(_ system: String, _ templates: Int) throws {
    let source = PublishedSource(dataset: .loghub, path: loghub, part: system)
    let columns = try readColumns(.published(source))
    #expect(columns.report.logLines == 2000)
    #expect(columns.report.defects.isEmpty)
    let stream = try #require(columns.streams.first)
    #expect(columns.streams.count == 1)
    let table = try LabelledLines(system)
    #expect(table.contents.count == 2000)
    #expect(Set(table.events).count == templates)
    var start = 0
    for (index, end) in stream.ends.enumerated() {
      let text = String(decoding: stream.text[start..<end], as: UTF8.self)
      start = end
      guard trimmed(text) != table.contents[index] else { continue }
      Issue.record("\(system) line \(index + 1): '\(text)' is not '\(table.contents[index])'")
      return
    }
  }

  @Test func `every line of every system lands in the dataset`() throws {
    for system in try PublishedDataset.loghub.parts(in: loghub) {
      let data = try ingest(PublishedDataset.loghub.configuration(part: system, in: loghub))
      let logs = try #require(data.services.first?.logs)
      #expect(logs.counts.reduce(0) { $0 + $1.lines } == 2000)
      #expect(data.report.skipped == 0)
    }
  }

  @Test func `alerts of BGL are incidents`() throws {
    let data = try ingest(PublishedDataset.loghub.configuration(part: "BGL", in: loghub))
    let marks = try LabelledLines("BGL").labels
    #expect(marks.count { $0 != "-" } == 143)
    let runs = zip(["-"] + marks, marks).count { $0 != $1 && $1 != "-" }
    #expect(data.incidents.count == runs)
    #expect(Set(data.incidents.map(\.kind)) == Set(marks).subtracting(["-"]))
  }
}

private func trimmed(_ text: String) -> String {
  String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
}

/// Rows of comma-separated values, in which quotes are doubled and line breaks do not occur.
private func table(_ text: String) -> [[String]] {
  text.split(whereSeparator: \.isNewline).map { line in
    var fields = [""]
    // Even parts lie outside of quotes; an empty one between two others is a doubled quote.
    let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if index % 2 == 1 {
        fields[fields.count - 1] += part
      } else if part.isEmpty, index > 0, index < parts.count - 1 {
        fields[fields.count - 1] += "\""
      } else {
        let pieces = part.split(separator: ",", omittingEmptySubsequences: false)
        fields[fields.count - 1] += pieces[0]
        fields += pieces.dropFirst().map(String.init)
      }
    }
    return fields
  }
}

/// The published table of a system's lines.
private struct LabelledLines {
  var contents: [String] = []
  var events: [String] = []
  var labels: [String] = []

  init(_ system: String) throws {
    let path = "\(loghub)/\(system)/\(system)_2k.log_structured.csv"
    let text = String(decoding: try FileSystem.readFile(at: path, limit: 1 << 24), as: UTF8.self)
    let clean = table(text)
    let column = { (name: String) in clean[0].firstIndex(of: name) }
    guard let content = column("Content"), let event = column("EventId") else { return }
    contents = clean.dropFirst().map { trimmed($0[content]) }
    events = clean.dropFirst().map { $0[event] }
    if let label = column("Label") { labels = clean.dropFirst().map { $0[label] } }
  }
}

@Suite(.enabled(if: PublicData.has("log-sequences"), Comment(rawValue: PublicData.hint)))
struct PublishedLogSequenceTests {
  private static let root = "\(PublicData.root)/log-sequences"

  @Test(arguments: [("hdfs-100k", 6352, 1588, 256, 57), ("openstack", 50, 5546, 0, 651)])
  func `sessions keep their split and labels`(
    _ part: String, _ train: Int, _ test: Int, _ trainAnomalous: Int, _ testAnomalous: Int
  ) throws {
    let data = try ingest(PublishedDataset.logSequences.configuration(part: part, in: Self.root))
    let start = try #require(data.publishedTestStart)
    #expect(data.grid.count == train + test)
    #expect(data.grid.index(covering: start) + 1 == train)
    #expect(data.incidents.count { $0.resolved <= start } == trainAnomalous)
    #expect(data.incidents.count { $0.resolved > start } == testAnomalous)
    let logs = try #require(data.services.first?.logs)
    #expect(logs.recorded.allSatisfy { $0 })
    let ofTrain = logs.counts.filter { $0.row < train }.reduce(0) { $0 + $1.lines }
    let ofTest = logs.counts.filter { $0.row >= train }.reduce(0) { $0 + $1.lines }
    if part == "hdfs-100k" { #expect((ofTrain, ofTest) == (83_973, 20_842)) }
  }

  @Test(arguments: ["hdfs-100k", "openstack"])
  func `every event has a pattern of its own`(_ part: String) throws {
    let data = try ingest(PublishedDataset.logSequences.configuration(part: part, in: Self.root))
    let source = PublishedSource(dataset: .logSequences, path: Self.root, part: part)
    let streams = try readColumns(.published(source)).streams
    #expect(streams.count == data.grid.count)
    var texts: Set<[UInt8]> = []
    for stream in streams {
      var start = 0
      for end in stream.ends {
        texts.insert(Array(stream.text[start..<end]))
        start = end
      }
    }
    let logs = try #require(data.services.first?.logs)
    #expect(logs.patterns.count == texts.count)
  }
}
