package import Diagnostics
internal import Synchronization

/// Counts finished items of parallel work and reports each.
package final class ProgressCounter: Sendable {
  private let completed = Mutex(0)
  private let stage: String
  private let total: Int
  private let sink: ProgressSink

  package init(stage: String, total: Int, sink: @escaping ProgressSink) {
    (self.stage, self.total, self.sink) = (stage, total, sink)
  }

  package func advance(_ detail: String) {
    let done = completed.withLock { count in
      count += 1
      return count
    }
    sink(ProgressEvent(stage: stage, completed: done, total: total, detail: detail))
  }
}
