import DatasetStore
import Diagnostics
import Storage
import Telemetry
import Testing

@Suite struct DatasetFileTests {
  @Test(arguments: [
    (0, 0, 0), (0, 0, 5), (1, 0, 7), (1, 1, 0), (1, 1, 1), (2, 3, 17), (12, 5, 100),
    (1, 2, 4095), (1, 2, 4096), (1, 2, 4097), (1, 300, 3),
  ])
  func `random datasets survive a round trip, bit by bit`(
    services: Int, columns: Int, rows: Int
  ) throws {
    try withTemporaryFolder { folder in
      for seed in 0..<3 as Range<UInt64> {
        let dataset = Samples.random(
          seed: seed, services: services, columns: columns, rows: rows)
        try DatasetFile.write(dataset, to: "\(folder)/x.h5")
        let read = try DatasetFile.read("\(folder)/x.h5")
        #expect(read == dataset)
        #expect(read.contentDigest == dataset.contentDigest)
      }
    }
  }

  @Test(arguments: [true, false])
  func `services with logs alone, and without logs, survive a round trip`(logs: Bool) throws {
    try withTemporaryFolder { folder in
      let dataset = Samples.random(
        seed: 4, services: 3, columns: logs ? 0 : 2, rows: 50, logs: logs)
      try DatasetFile.write(dataset, to: "\(folder)/x.h5")
      let read = try DatasetFile.read("\(folder)/x.h5")
      #expect(read == dataset)
      #expect(read.services.allSatisfy { ($0.logs != nil) == logs })
    }
  }

  @Test func `everything a dataset says survives a round trip`() throws {
    try withTemporaryFolder { folder in
      try DatasetFile.write(Samples.small, to: "\(folder)/x.h5")
      let read = try DatasetFile.read("\(folder)/x.h5")
      #expect(read == Samples.small)
      #expect(read.services[1].values[2].isNaN)
      #expect(read.services[1].values[3].sign == .minus)
      #expect(read.report.defects.count == 1)
    }
  }

  @Test func `gaps and all effects of a report survive a round trip`() throws {
    try withTemporaryFolder { folder in
      var dataset = Samples.small
      (dataset.report.gaps, dataset.report.gapCells) = (2, 5)
      dataset.report.note("exemplar", .ignored, in: "x.json", example: "line 4")
      dataset.report.note("clock_shift", .noted, in: "x.json", example: "up")
      try DatasetFile.write(dataset, to: "\(folder)/x.h5")
      #expect(try DatasetFile.read("\(folder)/x.h5") == dataset)
    }
  }

  @Test func `equal datasets make equal bytes`() throws {
    try withTemporaryFolder { folder in
      let dataset = Samples.random(seed: 9, services: 3, columns: 4, rows: 5000)
      try DatasetFile.write(dataset, to: "\(folder)/a.h5")
      // Times in the file, if there were any, would have a resolution of a second.
      try awaitNextSecond()
      try DatasetFile.write(dataset, to: "\(folder)/b.h5")
      #expect(try bytes("\(folder)/a.h5") == bytes("\(folder)/b.h5"))
    }
  }

  @Test func `the digest is that of the documented content`() {
    #expect(
      Samples.small.contentDigest
        == "235b6ad2399d3f854b069b3e4cfb274ccbd82495e355c75a89fff420eb63ba75")
  }

  @Test func `every change of the content changes the digest`() {
    let changes: [(inout Dataset) -> Void] = [
      { $0.grid.first = $0.grid.first + .seconds(1) },
      { $0.grid.interval = .seconds(31) },
      { $0.grid.count += 1 },
      { $0.publishedTestStart = nil },
      { $0.publishedTestStart = Timestamp(milliseconds: 0) },
      { $0.services.swapAt(0, 1) },
      { $0.services[1].service = "apj" },
      { $0.services[1].columns[0].name = "down" },
      { $0.services[1].columns[0].kind = .counter },
      { $0.services[1].columns[0].labels["job"] = "2" },
      { $0.services[1].values[1] = 0.25 },
      { $0.services[1].values[3] = 0.0 },
      { $0.services[1].logs?.patterns[0].level = .error },
      { $0.services[1].logs?.patterns[0].text += "." },
      { $0.services[1].logs?.counts[0].lines = 8 },
      { $0.services[1].logs?.counts[0].row = 1 },
      { $0.services[1].logs?.counts[0].pattern = 0 },
      { $0.services[1].logs?.recorded[1] = true },
      { $0.services[1].logs?.transitions = [] },
      { $0.services[1].logs?.transitions = [.init(row: 0, from: 1, to: 1, lines: 1)] },
      { $0.services[1].logs?.transitions = [.init(row: 2, from: 1, to: 1, lines: 1)] },
      { $0.services[1].logs?.transitions = [.init(row: 0, from: 0, to: 1, lines: 1)] },
      { $0.services[1].logs?.transitions = [.init(row: 0, from: 1, to: 0, lines: 1)] },
      { $0.services[1].logs?.transitions = [.init(row: 0, from: 1, to: 1, lines: 2)] },
      { $0.services[1].logs = nil },
      { $0.incidents[0].id = "i3" },
      { $0.incidents[0].service = nil },
      { $0.incidents[0].kind = "other" },
      { $0.incidents[0].start = Timestamp(milliseconds: 1) },
      { $0.incidents[0].detected = nil },
      { $0.incidents[0].resolved = $0.incidents[0].resolved + .seconds(1) },
      { $0.incidents[0].role = .excluded },
      { $0.sources[0].bytes = 98 },
      { $0.sources[0].name = "y.json" },
      { $0.report.samples += 1 },
      { $0.report.gaps += 1 },
    ]
    var digests: Set = [Samples.small.contentDigest]
    for change in changes {
      var dataset = Samples.small
      change(&dataset)
      digests.insert(dataset.contentDigest)
    }
    #expect(digests.count == changes.count + 1)
  }

  @Test func `texts that the format cannot hold are refused and leave no file`() throws {
    try withTemporaryFolder { folder in
      var dataset = Samples.small
      dataset.services[1].columns[0].name = "up\0"
      #expect(
        throws: DatasetStoreError.unstorable(
          place: "/services/0001/columns", reason: "a text ends with the character U+0000")
      ) { try DatasetFile.write(dataset, to: "\(folder)/x.h5") }
      dataset = Samples.small
      dataset.incidents[0].service = ""
      #expect(
        throws: DatasetStoreError.unstorable(
          place: "incident 'i1'", reason: "its service is named by an empty text")
      ) { try DatasetFile.write(dataset, to: "\(folder)/x.h5") }
      let left = try FileSystem.contents(of: folder)
      #expect(left.isEmpty)
    }
  }

  @Test func `counts outside of the grid trap`() async {
    await #expect(processExitsWith: .failure) {
      var dataset = Samples.small
      dataset.services[1].logs?.counts[0].row = 3
      try withTemporaryFolder { try DatasetFile.write(dataset, to: "\($0)/x.h5") }
    }
  }
}

private func bytes(_ path: String) throws -> [UInt8] {
  try FileSystem.readFile(at: path, limit: 1 << 30)
}

private func awaitNextSecond() throws {
  let clock = ContinuousClock()
  let end = clock.now + .milliseconds(1100)
  while clock.now < end {}
}
