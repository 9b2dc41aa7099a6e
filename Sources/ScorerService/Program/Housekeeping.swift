internal import Logging
internal import ServiceLifecycle

/// What has to be done from time to time: files read again, state written.
struct Housekeeping: Service {
  let scorer: Scorer
  let refresh: [@Sendable () async -> Void]

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        try? await Task.sleep(for: .seconds(5))
        for body in refresh { await body() }
        await scorer.save()
      }
    }
  }
}

/// Says that no more clients should come, as soon as the end begins.
struct Readiness: Service {
  let scorer: Scorer

  func run() async throws {
    try? await gracefulShutdown()
    scorer.drain()
    scorer.logger.info("draining")
  }
}
