internal import ScorerService

extension Scorer {
  /// Waits for a model.
  ///
  /// - Throws: `CancellationError`.
  func firstModel() async throws -> ModelInUse {
    while true {
      if let model = modelInUse { return model }
      try await Task.sleep(for: .milliseconds(100))
    }
  }

  /// Does work for the model in use, and for the next one when there is another, until it is
  /// cancelled.
  ///
  /// - Throws: `CancellationError`, and what the work throws.
  func forEachModel(
    _ work: @escaping @Sendable (ModelInUse) async throws -> Void
  ) async throws {
    while true {
      let model = try await firstModel()
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await work(model) }
        group.addTask {
          while self.modelDigest == model.digest { try await Task.sleep(for: .milliseconds(250)) }
        }
        defer { group.cancelAll() }
        try await group.next()
      }
      try Task.checkCancellation()
    }
  }
}
