/// Applies `body` to every element, at most `limit` at a time, and returns the results in order.
///
/// Results do not depend on `limit` as long as `body` is a function of its argument.
func concurrentMap<Element: Sendable, Result: Sendable>(
  _ elements: [Element], limit: Int, _ body: @escaping @Sendable (Element) throws -> Result
) async throws -> [Result] {
  try await withThrowingTaskGroup(of: (Int, Result).self) { group in
    var results = Array(repeating: Result?.none, count: elements.count)
    var next = 0
    func start(_ index: Int) { group.addTask { (index, try body(elements[index])) } }
    while next < min(max(1, limit), elements.count) {
      start(next)
      next += 1
    }
    while let (index, result) = try await group.next() {
      results[index] = result
      if next < elements.count {
        start(next)
        next += 1
      }
    }
    return results.compactMap { $0 }
  }
}
