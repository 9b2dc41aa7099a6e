import Foundation
import Ingest
import Telemetry
import Testing

/// Log files in all forms that are read, and how to read them.
private enum LogSeeds {
  static let containers = [
    "2026-01-01T00:00:01.5Z stdout P half\n2026-01-01T00:00:02Z stdout F whole\n",
    "2026-01-01T00:00:01Z stderr F INFO {\"a\":1}\n\n2026-01-01T00:00:03+01:00 stdout F:x y\n",
    #"{"log":"one ","stream":"stdout","time":"2026-01-01T00:00:01Z"}"# + "\n"
      + #"{"log":"line\n","stream":"stderr","attrs":{"k":"v"},"time":"2026-01-01T00:00:02Z"}"#
      + "\n",
  ]
  static let syslog = [
    "<34>1 2026-01-01T00:00:00.5Z host app 1 ID [a@1 x=\"]\\\"\"][b] \u{FEFF}message\n",
    "<13>Jan  1 00:00:00 host app[1]: one\nDec 31 23:59:59 host app: two\nJan  2 1:00:00 x\n",
    "2026-01-01T00:00:00+01:00 host kernel: [1.5] up\n23 <34>Jan  1 00:00:00 h a: b12 <3>x\n",
    "*Mar 29 2026 02:30:00.25: %SYS-5-X: y\nOct 25 02:30:00 h daemon.warn d: z\n",
  ]
  static let pattern = [
    "2026-01-01 00:00:01,5 [warn] shop: slow\n\tat a.b\nCaused by: c\n",
    "1767225600 [E] x\n1767225600123 [info] cart: y\n17672256001234567 [x] z\n",
  ]
}

@Suite struct LogFileFuzzTests {
  /// Reads mutated files; all that may come of it is a dataset or an error that names the file.
  private func fuzz(
    _ seeds: [String], _ source: (String) throws -> SourceConfiguration
  ) throws -> (read: Int, refused: Int) {
    let folder = try TestFolder()
    var counts = (read: 0, refused: 0)
    for round in 0..<(Mutation.rounds / 10) {
      var mutation = Mutation(seed: UInt64(round))
      // Without waiting for the disk.
      let path = folder.path + "/app.log"
      try Data(mutation.text(from: seeds)).write(to: URL(fileURLWithPath: path))
      do {
        let columns = try readColumns(try source(path))
        let lines = columns.streams.reduce(0) { $0 + $1.times.count }
        #expect(lines + columns.report.skipped <= 3 * columns.report.logLines + 3)
        counts.read += 1
      } catch let error as IngestError {
        #expect(error.description.contains("app.log"), "\(error)")
        counts.refused += 1
      }
    }
    return counts
  }

  @Test func `mutated container logs are read or refused`() throws {
    let counts = try fuzz(LogSeeds.containers) { .containerLogs(ContainerLogSource(path: $0)) }
    #expect(counts.read > 0 && counts.refused > 0)
  }

  @Test func `mutated syslog is read or refused`() throws {
    let zone = try #require(LocalZone("Europe/Berlin"))
    let counts = try fuzz(LogSeeds.syslog) {
      .syslog(SyslogSource(path: $0, year: 2026, zone: zone))
    }
    #expect(counts.read > 0 && counts.refused > 0)
  }

  @Test(arguments: [true, false])
  func `mutated lines of a pattern are read or refused`(_ isMultiline: Bool) throws {
    let expression =
      #"(?<time>\d[^\[]+?) \[(?<level>\w+)\] (?:(?<service>(\w+)+): )?(?<message>.*)"#
    let counts = try fuzz(LogSeeds.pattern) {
      .pattern(PatternSource(path: $0, expression: expression, isMultiline: isMultiline))
    }
    #expect(counts.read > 0 && counts.refused > 0)
  }

  @Test func `mutated expressions and formats compile or are refused`() {
    let seeds = [
      #"^(?<time>\S+ \S+) \[(?<level>\w{1,9})\] (?:(?<service>\w+)(?=:)|x)?(?<message>.*)$"#,
      "(?<time>a|(?1)b)(?i:x++)[[:alpha:]]\\p{L}(*ACCEPT)", "%d/%b/%Y:%H:%M:%S.%f %z%%", "%s",
      "%j%y",
    ]
    let line = Array("2026-01-01 00:00:00 [info] x: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".utf8)
    for round in 0..<Mutation.rounds {
      var mutation = Mutation(seed: UInt64(round))
      let text = String(decoding: mutation.text(from: seeds), as: UTF8.self)
      if let format = try? TimePattern(text) {
        _ = format.read(line[...]) { _, _ in 2026 }
      }
      let source = PatternSource(path: "x", expression: text, year: 2026)
      do throws(IngestError) { try source.check() } catch {
        #expect(error.description.contains("the expression"))
      }
    }
  }
}
