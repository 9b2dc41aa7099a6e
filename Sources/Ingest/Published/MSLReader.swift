internal import Storage
internal import Telemetry

/// Reads a channel of the Mars Science Laboratory's telemetry.
///
/// Hundman et al., "Detecting Spacecraft Anomalies Using LSTMs and Nonparametric Dynamic
/// Thresholding" (KDD 2018). Column 0 is the telemetry, the others are flags of commands. Rows have
/// no times (see `IndexedAxis`); what `labeled_anomalies.csv` says of them counts test rows from 0,
/// both ends included.
struct MSLReader: SourceReader {
  let source: PublishedSource

  func read(into collector: inout TelemetryCollector) throws {
    let axis = IndexedAxis(step: source.interval)
    let trainRows = try readRows("train", from: 0, axis, &collector)
    let testRows = try readRows("test", from: trainRows, axis, &collector)
    let file = try source.open("labeled_anomalies.csv", &collector)
    let labels = try labels(file)
    guard labels.rows == testRows else {
      throw IngestError.malformed(
        path: file.path, line: labels.line,
        reason: "labels for \(labels.rows) test rows of \(source.part), which has \(testRows)")
    }
    for (index, sequence) in labels.sequences.enumerated() {
      let rows = trainRows + sequence.rows.lowerBound..<trainRows + sequence.rows.upperBound
      try collector.add(
        source.incident(
          index + 1, of: source.part, kind: sequence.kind, axis.span(ofRows: rows)),
        place: "\(file.path):\(labels.line)")
    }
    try collector.setTestStart(axis.time(ofRow: trainRows - 1), path: source.path)
  }

  /// Reads a part's rows and returns how many there are.
  private func readRows(
    _ folder: String, from first: Int, _ axis: IndexedAxis, _ collector: inout TelemetryCollector
  ) throws -> Int {
    let file = try source.open("\(folder)/\(source.part).npy", &collector)
    let matrix = try NumPyMatrix(file)
    guard matrix.rows > 0, matrix.columns > 0 else {
      throw IngestError.unsupported(path: file.path, reason: "the matrix is empty")
    }
    for column in 0..<matrix.columns {
      let name = column == 0 ? "telemetry" : "command\(column < 10 ? "0" : "")\(column)"
      let number = try collector.series.number(
        labels: ["__name__": name], service: source.part, kind: column == 0 ? .gauge : .state,
        in: file)
      for row in 0..<matrix.rows {
        try collector.series.append(
          matrix[row, column], at: axis.time(ofRow: first + row).milliseconds, to: number)
      }
    }
    return matrix.rows
  }

  /// What is labelled in a channel.
  private struct Labels {
    var line: Int
    var rows: Int
    var sequences: [(rows: Range<Int>, kind: String)]
  }

  private func labels(_ file: SourceText) throws -> Labels {
    var labels: Labels?
    try file.eachRecord { record in
      guard labels == nil, record.count >= 5, record.string(0) == source.part else { return }
      let malformed = { (reason: String) in
        IngestError.malformed(path: file.path, line: record.line, reason: reason)
      }
      guard let rows = Int(record.string(4)) else {
        throw malformed("\(quoted(record.string(4))) is no number of rows")
      }
      var stretches: [Range<Int>] = []
      var reader = JSONReader(Array(record[2]), source: "\(file.path):\(record.line)")
      try reader.array { reader in
        var ends: [Int] = []
        try reader.array { reader in ends.append(try reader.integer()) }
        guard ends.count == 2, 0 <= ends[0], ends[0] <= ends[1], ends[1] < rows else {
          throw malformed("\(ends) is no stretch of \(rows) rows")
        }
        stretches.append(ends[0]..<ends[1] + 1)
      }
      // Words without quotes, so no JSON.
      let kinds = record.string(3).split { "[], ".contains($0) }.map(String.init)
      labels = Labels(
        line: record.line, rows: rows,
        sequences: stretches.enumerated().map {
          ($1, $0 < kinds.count ? kinds[$0] : kinds.last ?? "anomaly")
        })
    }
    guard let labels else {
      throw IngestError.malformed(
        path: file.path, line: 1, reason: "no line for the channel \(quoted(source.part))")
    }
    return labels
  }
}
