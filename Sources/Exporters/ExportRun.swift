internal import Diagnostics
internal import Storage
internal import Transport

/// Fetches the parts of an export that are missing, several at once.
struct ExportRun {
  let folder: ExportFolder
  let concurrency: Int
  /// What progress is called.
  let stage: String
  let progress: ProgressSink
  /// Divides a part whose answer is too large; nil when it cannot be divided.
  let split: (ExportItem) -> (ExportItem, ExportItem)?
  /// The query of a part, for errors.
  let query: (ExportItem) -> String
  /// Prepares a part in the folder's area under a name, or throws `AttemptFailure.tooLarge`. `number`
  /// tells parts of a run apart.
  let fetch:
    @Sendable (_ item: ExportItem, _ name: String, _ number: Int) async throws -> ChunkRecord

  /// Fetches what is missing of `items` and returns how many parts that were.
  ///
  /// - Throws: The first error; what finished before it stays.
  func callAsFunction(_ items: [ExportItem]) async throws -> Int {
    var waiting = Array(missing(of: items).reversed())
    var (total, done, started, running, bytes) = (waiting.count, 0, 0, 0, 0)
    return try await withThrowingTaskGroup(of: (ExportItem, Outcome).self) { group in
      func fill() {
        while running < concurrency, let item = waiting.popLast() {
          let (name, number, fetch) = (folder.name(of: item), started, fetch)
          started += 1
          running += 1
          group.addTask {
            do {
              return (item, .finished(try await fetch(item, name, number)))
            } catch AttemptFailure.tooLarge(let reason) {
              return (item, .tooLarge(reason: reason))
            }
          }
        }
      }
      func report() {
        progress(
          ProgressEvent(
            stage: stage, completed: done, total: total, detail: "\(bytes / 1_000_000) MB"))
      }
      do {
        fill()
        report()
        while let (item, outcome) = try await group.next() {
          running -= 1
          switch outcome {
          case .finished(let record):
            try folder.commit(record)
            done += 1
            bytes += record.bytes
          case .tooLarge(let reason):
            guard let (first, second) = split(item) else {
              throw ExportError.answerTooLarge(query: firstLine(query(item)), reason: reason)
            }
            waiting += [second, first]
            total += 1
          }
          report()
          fill()
        }
      } catch {
        group.cancelAll()
        // The error that ended the export says more than one about the manifest could.
        try? folder.save()
        throw error
      }
      return done
    }
  }

  private enum Outcome {
    case finished(ChunkRecord)
    case tooLarge(reason: String)
  }

  private func missing(of items: [ExportItem]) -> [ExportItem] {
    let finished = Dictionary(grouping: folder.chunks.values.map(\.item), by: \.query)
    return items.flatMap { missing(of: $0, finished: finished[$0.query] ?? []) }
  }

  /// What is not finished of a part, which an earlier run may have divided.
  private func missing(of item: ExportItem, finished: [ExportItem]) -> [ExportItem] {
    let parts = finished.filter(item.contains)
    if parts.contains(item) { return [] }
    guard !parts.isEmpty, let (first, second) = split(item) else { return [item] }
    return missing(of: first, finished: parts) + missing(of: second, finished: parts)
  }
}
