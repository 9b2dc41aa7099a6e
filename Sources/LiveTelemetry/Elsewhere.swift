internal import Dispatch

/// Runs work that takes long on a thread of its own: in a scorer, tasks share the threads of its
/// connections.
package func elsewhere<Result: Sendable>(
  _ work: @escaping @Sendable () throws -> Result
) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    DispatchQueue.global(qos: .utility).async {
      continuation.resume(with: .init(catching: work))
    }
  }
}
