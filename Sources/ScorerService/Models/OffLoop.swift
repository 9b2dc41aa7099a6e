internal import NIOPosix

/// Runs work that takes long or waits for the disk on a thread of its own: tasks share the threads of
/// connections.
func offLoop<Result: Sendable>(
  _ work: @escaping @Sendable () throws -> Result
) async throws -> Result {
  try await NIOThreadPool.singleton.runIfActive(work)
}
