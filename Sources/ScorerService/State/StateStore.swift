internal import Features
internal import Logging
internal import Scoring
internal import Storage
internal import Synchronization
internal import Telemetry

/// What services remember, on disk.
///
///     state-<n>.safetensors   a part of the services as they were at some moment
///     rows-<n>.journal        rows since then, added before their scores are answered
///
/// Parts are replaced whole, each on its own, and journals are removed once every part is younger than
/// they are. So a process killed at any moment goes on with every row that it answered for; a loss of
/// power can cost the rows since the last part. When the disk is full, scoring goes on, the metric
/// `state_errors_total` says so, and everything is tried again later.
final class StateStore: Sendable {
  /// Services in a part.
  static let servicesPerPart = 256
  /// A journal longer than that is ended by writing all parts.
  private static let longestJournal = 64 << 20
  /// Largest file that is read back.
  static let largestFile = 1 << 30
  /// Between two writings of everything, as long as journals are short.
  private static let interval = Duration.seconds(300)

  private struct Journal: ~Copyable {
    var file: AppendingFile?
    var epoch = 0
    var rows = 0
    var saved = ContinuousClock.now
    /// Whether something could not be written that should have been.
    var isBehind = false
  }

  private let folder: String
  private let metrics: ScorerMetrics
  private let logger: Logger
  private let journal = Mutex(Journal())
  /// Parts are written by one thread at a time.
  private let writing = Mutex(())

  init(folder: String, metrics: ScorerMetrics, logger: Logger) {
    (self.folder, self.metrics, self.logger) = (folder, metrics, logger)
  }

  /// Starts a journal for the rows from now on.
  func begin(_ fleet: Fleet) {
    journal.withLock { journal in
      journal.rows = 0
      journal.file = nil
      let isBegun = attempt("begin a journal") {
        _ = try FileSystem.createDirectories(at: folder)
        // Without the numbers of those that are there, one of them would be overwritten.
        let next = try (journal.epoch == 0 ? epochs().last ?? 0 : journal.epoch) + 1
        var file = try AppendingFile(replacing: path(ofJournal: next))
        try file.append(Self.head(fleet.model.stateDigest))
        journal.file = consume file
        journal.epoch = next
      }
      if !isBegun { journal.isBehind = true }
    }
  }

  /// Adds rows that were scored.
  func append(_ record: inout JournalRecord) {
    guard !record.isEmpty else { return }
    record.seal()
    let bytes = record.bytes
    journal.withLock { journal in
      journal.rows += 1
      guard journal.file != nil else { return }
      do {
        try journal.file?.append(bytes)
      } catch {
        // Rows behind a gap could not be used.
        journal.file = nil
        journal.isBehind = true
        failed("add to the journal", error)
      }
    }
  }

  /// Writes everything when it is time.
  func saveIfNeeded(_ fleet: Fleet) {
    let isNeeded = journal.withLock { journal in
      if journal.isBehind { return true }
      return journal.rows > 0
        && ((journal.file?.size ?? 0) > Self.longestJournal
          || journal.saved.duration(to: .now) > Self.interval)
    }
    guard isNeeded else { return }
    journal.withLock { $0.isBehind = false }
    begin(fleet)
    save(fleet)
  }

  /// Writes all parts, and removes journals that they make needless.
  func save(_ fleet: Fleet) {
    writing.withLock { _ in
      let epoch = journal.withLock { $0.epoch }
      let count = fleet.cells.count
      let parts = (count + Self.servicesPerPart - 1) / Self.servicesPerPart
      let isWritten = attempt("write the state") {
        _ = try FileSystem.createDirectories(at: folder)
        for part in 0..<parts {
          let places =
            part * Self.servicesPerPart..<min((part + 1) * Self.servicesPerPart, count)
          try FileSystem.writeFileAtomically(
            StatePart.encode(fleet, places, epoch: epoch), to: "\(folder)/state-\(part).safetensors"
          )
        }
        for (number, name) in try numbered("state-", ".safetensors") where number >= parts {
          try FileSystem.removeTree(at: "\(folder)/\(name)")
        }
        for old in try epochs() where old < epoch {
          try FileSystem.removeTree(at: path(ofJournal: old))
        }
      }
      journal.withLock { journal in
        if isWritten { journal.saved = .now } else { journal.isBehind = true }
      }
    }
  }

  /// Gives a new fleet what was written before: memory where it fits the model, and rows to score again
  /// otherwise.
  ///
  /// - Parameter tell: Told of the rows that came after the memory was written, with their scores.
  func restore(into fleet: Fleet, _ tell: (TelemetryRow, Int, [Float]) -> Void) {
    var digests: [String: [String: [String]]] = [:]
    var (parts, journals) = ([String](), [Int]())
    attempt("look for state") {
      parts = try numbered("state-", ".safetensors").map(\.name)
      journals = try epochs()
    }
    for name in parts {
      attempt("read \(name)") {
        let path = "\(folder)/\(name)"
        let part = try StatePart(
          try FileSystem.readFile(at: path, limit: Self.largestFile), source: path)
        for service in part.services {
          digests[part.digest, default: [:]][service.name] = service.columns
          service.restore(into: fleet, isSameModel: part.digest == fleet.model.stateDigest)
        }
      }
    }
    for epoch in journals {
      attempt("read journal \(epoch)") {
        let path = path(ofJournal: epoch)
        let bytes = try FileSystem.readFile(at: path, limit: Self.largestFile)
        guard let (digest, start) = Self.head(of: bytes) else { return }
        var reader = JournalReader(bytes, from: start)
        let isSame = digest == fleet.model.stateDigest
        for (service, row) in reader.rows() {
          guard let place = fleet.model.names.place(of: service) else { continue }
          let scores = fleet.take(
            row, place: place, columns: isSame ? nil : digests[digest]?[service],
            isSameModel: isSame)
          if let scores { tell(row, place, scores) }
        }
      }
    }
    let known = fleet.cells.count { $0.state.withLock { $0.rows > 0 } }
    logger.info("state restored", metadata: ["services": "\(known)"])
  }

  private func path(ofJournal epoch: Int) -> String { "\(folder)/rows-\(epoch).journal" }

  private func epochs() throws -> [Int] { try numbered("rows-", ".journal").map(\.number) }

  /// Files of the folder by their numbers; none where there is no folder yet.
  private func numbered(
    _ prefix: String, _ suffix: String
  ) throws -> [(number: Int, name: String)] {
    guard FileSystem.item(at: folder) != nil else { return [] }
    return try FileSystem.contents(of: folder).compactMap { name in
      guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
      return Int(name.dropFirst(prefix.count).dropLast(suffix.count)).map { ($0, name) }
    }.sorted { $0.0 < $1.0 }
  }

  private static func head(_ digest: String) -> [UInt8] {
    Array("autopilotops rows 1 \(digest)\n".utf8)
  }

  /// The digest in a journal's first line, and where rows begin.
  private static func head(of bytes: [UInt8]) -> (digest: String, start: Int)? {
    guard let end = bytes.prefix(200).firstIndex(of: 0x0A) else { return nil }
    let words = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ")
    guard words.count == 4, words[..<3] == ["autopilotops", "rows", "1"] else { return nil }
    return (String(words[3]), end + 1)
  }

  @discardableResult
  private func attempt(_ what: String, _ body: () throws -> Void) -> Bool {
    do {
      try body()
      return true
    } catch {
      failed(what, error)
      return false
    }
  }

  private func failed(_ what: String, _ error: any Error) {
    metrics.stateErrors.add()
    logger.error("state: cannot \(what)", metadata: ["error": "\(error)"])
  }
}

extension Fleet {
  /// Takes a row of a journal; columns are those it was written with, nil for ours.
  @discardableResult
  func take(
    _ row: TelemetryRow, place: Int, columns: [String]?, isSameModel: Bool
  ) -> [Float]? {
    let own = model.services[place].metricColumns
    var row = row
    if let columns {
      guard row.metrics.count == columns.count else { return nil }
      let places = NameTable(columns)
      let metrics = row.metrics
      row.metrics = own.map { name in places.place(of: name).map { metrics[$0] } ?? .nan }
    } else if !isSameModel {
      return nil
    }
    guard row.metrics.count == own.count else { return nil }
    return push(row, place: place)
  }
}
