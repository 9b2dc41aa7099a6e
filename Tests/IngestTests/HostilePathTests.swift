import Foundation
import Ingest
import Storage
import Telemetry
import Testing

/// Names and links that lead elsewhere than they say.
@Suite struct HostilePathTests {
  private let answer = matrix([(#"{"__name__":"up","service":"shop"}"#, [(60, "1"), (120, "2")])])

  @Test func `a file's name stays within its line, in errors as in the report`() throws {
    let name = "a\nb\u{1B}[2J\u{202E}.csv"
    let folder = try TestFolder([name: "no,header\n1,2\n"])
    let path = "\(folder.path)/\(name)"
    let error = #expect(throws: IngestError.self) { try ingest(.csv(CSVSource(path: path))) }
    #expect(error?.description.contains(#"a\nb\u{1B}[2J\u{202E}.csv"#) == true)
    try folder.write(name, "time,service,load\n60,shop,1\n120,shop,x\n")
    let data = try ingest(.csv(CSVSource(path: path)))
    #expect(data.sources.map(\.name) == [#"a\nb\u{1B}[2J\u{202E}.csv"#])
    #expect(data.defect("bad_number")?.source == #"a\nb\u{1B}[2J\u{202E}.csv"#)
  }

  @Test func `links in a circle are refused by name`() throws {
    let folder = try TestFolder()
    let link = folder.path + "/loop.json"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "loop.json")
    let error = #expect(throws: IngestError.self) { try ingest(.prometheus(path: folder.path)) }
    #expect(error?.description.hasPrefix("\(link): cannot read: ") == true)
  }

  @Test func `a link back to its own folder is no file, and is not followed`() throws {
    let folder = try TestFolder(["a.json": answer])
    let link = folder.path + "/again"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: ".")
    let error = #expect(throws: IngestError.self) { try ingest(.prometheus(path: folder.path)) }
    #expect(error == .storage(.notAFile(path: link)))
  }

  @Test func `a path may lead up and down again`() throws {
    let folder = try TestFolder(["a.json": answer, "sub/b.txt": ""])
    let data = try ingest(.prometheus(path: "\(folder.path)/sub/../sub/.././a.json"))
    #expect(data.sources.map(\.name) == ["a.json"])
  }

  @Test func `a part's name cannot make a reader leave the dataset's folder`() throws {
    let folder = try TestFolder([
      "outside.csv": "timestamp,value\n2014-01-07 00:00:00,1\n",
      "nab/labels/combined_windows.json": "{}", "nab/data/x/a.csv": "",
    ])
    let error = #expect(throws: IngestError.self) {
      try ingest(
        PublishedDataset.nab.configuration(part: "../../outside", in: folder.path + "/nab"))
    }
    #expect(error?.description.contains("data/../../outside.csv: not found") == true)
  }
}

/// Compressed files that are far larger than they look.
@Suite struct DecompressionBombTests {
  /// Fifty megabytes of one byte in fifty kilobytes.
  private static let bomb = Array(
    repeatElement(Gzip.compress([UInt8](repeating: 0x61, count: 1 << 20)), count: 50).joined())

  @Test(arguments: ReaderSeeds.all)
  func `a bomb ends at the limit of what may be read`(_ seed: ReaderSeed) throws {
    let folder = try TestFolder()
    for file in seed.files {
      try folder.write(file.name, Gzip.compress(file.contents[0]) + Self.bomb)
    }
    var configuration = seed.configuration(folder.path)
    configuration.limits.inputBytes = 3 << 20
    let error = #expect(throws: IngestError.self) { try ingest(configuration) }
    guard case .storage(.tooLarge(let path, _)) = error else {
      // A format may be broken for good before the limit is reached.
      #expect(error?.description.contains(folder.path) == true, "\(String(describing: error))")
      return
    }
    #expect(path.hasPrefix(folder.path))
  }
}
