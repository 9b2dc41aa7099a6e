internal import Evaluation
internal import Telemetry

/// Reads `scores.csv` back: a line per service and cell, cells in the order of the grid.
struct ScoresReader {
  private let path: String
  private let grid: TimeGrid
  private let times: [String]
  private var line = 1

  init(path: String, grid: TimeGrid) {
    (self.path, self.grid) = (path, grid)
    times = (0..<grid.count).map { grid.timestamp(at: $0).description }
  }

  /// The scores of every detector, services in the file's order.
  ///
  /// - Throws: `ExperimentsError.invalidScores` with the line.
  mutating func read(_ bytes: [UInt8]) throws(ExperimentsError) -> [DetectorScores] {
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: true)[...]
    guard let header = lines.popFirst() else { throw invalid("the file is empty") }
    let names = try fields(header)
    guard names.count > 2, names[0] == "time", names[1] == "service" else {
      throw invalid("the first line is not 'time,service' and the names of scores")
    }
    var services: [String] = []
    var scores: [[[Float]]] = Array(repeating: [], count: names.count - 2)
    var cell = grid.count
    for bytes in lines {
      line += 1
      let row = try fields(bytes)
      guard row.count == names.count else {
        throw invalid("\(row.count) fields instead of \(names.count)")
      }
      if cell == grid.count {
        guard !services.contains(row[1]) else { throw invalid("service '\(row[1])' comes twice") }
        services.append(row[1])
        for index in scores.indices { scores[index].append([]) }
        cell = 0
      }
      guard row[1] == services.last, cell < grid.count, row[0] == times[cell] else {
        throw invalid(
          "'\(row[0]),\(row[1])' where service '\(services.last ?? "")' at "
            + "\(cell < grid.count ? times[cell] : "no time") was expected")
      }
      for index in scores.indices {
        let text = row[index + 2]
        guard let score = text.isEmpty ? Float.nan : Float(text) else {
          throw invalid("'\(text)' is no score")
        }
        scores[index][services.count - 1].append(score)
      }
      cell += 1
    }
    guard cell == grid.count, !services.isEmpty else {
      throw invalid("the file ends before the last cell")
    }
    return zip(names.dropFirst(2), scores).map { name, scores in
      DetectorScores(
        name: name,
        services: zip(services, scores).map { ServiceScores(service: $0, scores: $1) })
    }
  }

  private func invalid(_ reason: String) -> ExperimentsError {
    .invalidScores(path: path, line: line, reason: reason)
  }

  /// The fields of a line, without the quotes around those that need them.
  private func fields(_ line: ArraySlice<UInt8>) throws(ExperimentsError) -> [String] {
    guard line.contains(0x22) else {
      return line.split(separator: 0x2C, omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
    }
    var fields: [[UInt8]] = [[]]
    var (isQuoted, index) = (false, line.startIndex)
    while index < line.endIndex {
      let byte = line[index]
      index += 1
      if byte == 0x22 {
        let isPair = isQuoted && index < line.endIndex && line[index] == 0x22
        if isPair {
          fields[fields.count - 1].append(0x22)
          index += 1
        } else {
          isQuoted.toggle()
        }
      } else if byte == 0x2C, !isQuoted {
        fields.append([])
      } else {
        fields[fields.count - 1].append(byte)
      }
    }
    guard !isQuoted else { throw invalid("a quote without its end") }
    return fields.map { String(decoding: $0, as: UTF8.self) }
  }
}
