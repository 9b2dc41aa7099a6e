import DatasetStore
import Foundation
import Storage
import Telemetry
import Testing

/// Our files in the hands of h5py.
@Suite(
  .enabled(
    if: ProcessInfo.processInfo.environment["AUTOPILOT_PEERS_PYTHON"] != nil,
    "AUTOPILOT_PEERS_PYTHON names no Python with numpy and h5py"))
struct HDF5PeerTests {
  @Test func `h5py finds in the file what the dataset says`() throws {
    let found = try peer(Samples.small)
    #expect(try found["attributes"]["format"].string == "autopilotops-dataset")
    #expect(try found["attributes"]["schema_version"].integer == 1)
    #expect(try found["attributes"]["interval_ms"].integer == 30_000)
    #expect(try found["attributes"]["first_ms"].integer == 1_700_000_000_000)
    #expect(try found["attributes"]["published_test_start_ms"].integer == 1_700_000_030_000)
    #expect(
      try found["time"].value == [1_700_000_000_000, 1_700_000_030_000, 1_700_000_060_000])
    let (odd, api) = (try found["services"].elements[0], try found["services"].elements[1])
    #expect(try odd["service"].string == "a/b ☃")
    #expect(try odd["metrics"].value == [[], [], []])
    #expect(try odd["logs"].value == .null)
    #expect(try api["metrics"].value == [[1, 0.5], ["NaN", -0.0], [0, "+Inf"]])
    #expect(try api["columns"].value == ["up", "requests_total{code=\"500\"}"])
    #expect(try api["kinds"].value == ["gauge", "counter"])
    #expect(try api["labels"].value == [["__name__": "up", "job": "äpi \"1\""], [:]])
    #expect(try api["logs"]["patterns"].value == ["slow query <num> ms", ""])
    #expect(try api["logs"]["levels"].value == [3, 0])
    #expect(try api["logs"]["row"].value == [0, 2])
    #expect(try api["logs"]["pattern"].value == [1, 0])
    #expect(try api["logs"]["lines"].value == [7, 1])
    #expect(try api["logs"]["recorded"].value == [1, 0, 1])
    let incidents = try found["incidents"]
    #expect(try incidents["id"].value == ["i1", "i2"])
    #expect(try incidents["service"].value == ["api", ""])
    #expect(try incidents["kind"].value == ["memory_leak", "unknown"])
    #expect(try incidents["role"].value == ["incident", "excluded"])
    #expect(try incidents["start_ms"].value == [1_700_000_010_000, -5])
    #expect(try incidents["resolved_ms"].value == [1_700_000_030_000, 5])
    #expect(try incidents["detected_ms"].elements[0].integer == 1_700_000_020_000)
    #expect(try incidents["detected_ms"].elements[1].number == -0x1p63)
    #expect(try found["report"]["defects"].elements[0]["example"].string == "line 3")
    #expect(try found["sources"].elements[0]["bytes"].integer == 99)
  }

  @Test func `h5py finds what follows what in the logs, under the version that says so`() throws {
    let found = try peer(Samples.ordered)
    #expect(try found["attributes"]["schema_version"].integer == 2)
    let transitions = try found["services"].elements[1]["logs"]["transitions"]
    #expect(try transitions["row"].value == [0, 2])
    #expect(try transitions["from"].value == [1, 1])
    #expect(try transitions["to"].value == [1, 0])
    #expect(try transitions["lines"].value == [6, 1])
    #expect(try found["computed_digest"].string == Samples.ordered.contentDigest)
  }

  @Test(arguments: [(0, 0, 0), (1, 0, 4), (3, 2, 5000), (2, 40, 10)])
  func `h5py and numpy compute the digest that is in the file`(
    services: Int, columns: Int, rows: Int
  ) throws {
    let dataset = Samples.random(seed: 11, services: services, columns: columns, rows: rows)
    let found = try peer(dataset)
    #expect(try found["computed_digest"].string == dataset.contentDigest)
    #expect(try found["attributes"]["content_digest"].string == dataset.contentDigest)
  }

  private func peer(_ dataset: Dataset) throws -> JSONDocument {
    try withTemporaryFolder { folder in
      try DatasetFile.write(dataset, to: "\(folder)/x.h5")
      let process = Process()
      let python = try #require(ProcessInfo.processInfo.environment["AUTOPILOT_PEERS_PYTHON"])
      process.executableURL = URL(filePath: python)
      process.arguments = ["-B", testFile("Peers/read_with_h5py.py"), "\(folder)/x.h5"]
      let output = Pipe()
      process.standardOutput = output
      try process.run()
      let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      return JSONDocument(try JSONValue(parsing: Array(bytes), source: "peer"), source: "peer")
    }
  }
}
