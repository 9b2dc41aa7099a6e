internal import IsolationForest

/// Applies `body` to every element, at most `limit` at a time, and returns the results in order.
///
/// Results do not depend on `limit` as long as `body` is a function of its argument, and neither
/// does the error: it is that of the first element that fails.
package func concurrentMap<Element: Sendable, Result: Sendable>(
  _ elements: [Element], limit: Int, _ body: @escaping @Sendable (Element) async throws -> Result
) async throws -> [Result] {
  typealias Outcome = Swift.Result<Result, any Error>
  let outcomes = await withTaskGroup(of: (Int, Outcome).self) { group in
    var outcomes = Array(repeating: Outcome?.none, count: elements.count)
    var next = 0
    func start(_ index: Int) {
      group.addTask {
        do {
          return (index, .success(try await body(elements[index])))
        } catch {
          return (index, .failure(error))
        }
      }
    }
    while next < min(max(1, limit), elements.count) {
      start(next)
      next += 1
    }
    while let (index, outcome) = await group.next() {
      outcomes[index] = outcome
      if next < elements.count {
        start(next)
        next += 1
      }
    }
    return outcomes
  }
  return try outcomes.compactMap { try $0?.get() }
}

extension IsolationForestGrowth {
  /// Grows the forest on some threads; its bytes do not depend on how many.
  func forest(threads: Int) async throws -> IsolationForest {
    // Where growth stops early, most of what others grow would be for nothing.
    guard threads > 1, configuration.earlyStopping == nil else { return try forest() }
    let trees = configuration.trees
    let parts = min(threads, trees)
    return forest(
      of: try await concurrentMap(Array(0..<parts), limit: threads) { part in
        try self.trees(part * trees / parts..<(part + 1) * trees / parts)
      })
  }
}
