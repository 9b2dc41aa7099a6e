import Ingest
import Storage
import Telemetry
import Testing

/// Channels in NumPy's format, read as those of the Mars Science Laboratory.
@Suite struct NumPyMatrixTests {
  private func array(_ header: String, _ values: [Float64], version: UInt8 = 1) -> [UInt8] {
    let text = Array(header.utf8)
    let length =
      version == 1
      ? [UInt8(text.count), 0] : [UInt8(text.count), 0, 0, 0]
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + text
      + values.flatMap { value in
        (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> ($0 * 8)) }
      }
  }

  private func header(_ shape: String, type: String = "<f8", fortran: String = "False") -> String {
    "{'descr': '\(type)', 'fortran_order': \(fortran), 'shape': (\(shape)), }\n"
  }

  private func load(
    train: [UInt8], test: [UInt8], labels: String = #"A-1,MSL,"[[0, 0]]",[point],2"#
  ) throws -> Dataset {
    let folder = try TestFolder([
      "labeled_anomalies.csv": "chan_id,spacecraft,anomaly_sequences,class,num_values\n\(labels)\n"
    ])
    try folder.write("train/A-1.npy", train)
    try folder.write("test/A-1.npy", test)
    return try ingest(PublishedDataset.msl.configuration(part: "A-1", in: folder.path))
  }

  @Test func `rows are read in C order, and both ends of a sequence belong to it`() throws {
    let data = try load(
      train: array(header("1, 2"), [1, 2]),
      test: array(header("3, 2"), [3, 4, 5, 6, .nan, 8], version: 2),
      labels: #"A-1,MSL,"[[0, 1], [2, 2]]","[point, contextual]",3"#)
    #expect(same(data.column("telemetry", of: "A-1"), [1, 3, 5, .nan]))
    #expect(same(data.column("command01", of: "A-1"), [2, 4, 6, 8]))
    #expect(data.incidents.map(\.kind) == ["point", "contextual"])
    #expect(cells(data) == [1..<3, 3..<4])
  }

  @Test func `what is no matrix of floats is refused with its reason`() throws {
    let good = array(header("2, 1"), [1, 2])
    for (bad, reason) in [
      (Array("hello".utf8), "begins with other bytes"),
      (array(header("2, 1", type: ">f8"), [1, 2]), "elements other than"),
      (array(header("2, 1", fortran: "True"), [1, 2]), "C order"),
      (array(header("2,"), [1, 2]), "1 dimensions"),
      (array(header("3, 1"), [1, 2]), "16 bytes of elements"),
      (array(header("4611686018427387904, 4"), [1, 2]), "16 bytes of elements"),
      (Array(good.dropLast(8)), "8 bytes of elements"),
      (Array(good.prefix(30)), "header is cut off"),
    ] {
      let error = #expect(throws: IngestError.self) { try load(train: bad, test: good) }
      #expect(error?.description.contains(reason) == true, "\(error?.description ?? "") \(reason)")
    }
  }

  @Test func `a sequence beyond the rows is refused`() throws {
    let matrix = array(header("2, 1"), [1, 2])
    let error = #expect(throws: IngestError.self) {
      try load(train: matrix, test: matrix, labels: #"A-1,MSL,"[[1, 2]]",[point],2"#)
    }
    #expect(error?.description.hasSuffix(".csv:2: [1, 2] is no stretch of 2 rows") == true)
  }
}

private func cells(_ data: Dataset) -> [Range<Int>] {
  data.incidents.map { data.grid.indices(touching: $0.start, $0.resolved) }
}
