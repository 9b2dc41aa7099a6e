import Companions
import Foundation
import Registry
import Storage
import Testing

extension StoreContract {
  /// Kills the real tool at random moments of publishing.
  ///
  /// - Parameter kills: How many runs are killed.
  /// - Returns: How many rests of them a collection found.
  @discardableResult
  func killedPublishers(_ kills: Int) async throws -> Int {
    let folder = try TestFolder()
    func push(_ seed: Int) throws -> [String] {
      let path = "\(folder.path)/artifact-\(seed)"
      try sampleArtifact(seed, size: 100_000).write(to: path)
      return ["registry", "push", path, live.location, "--alias", "champion"]
    }
    var length = Duration.zero
    for seed in 1...3 {
      let started = ContinuousClock.now
      let whole = try await run(tool, push(seed), environment: live.environment)
      #expect(whole.code == 0, "\(whole.errors)")
      length = max(length, ContinuousClock.now - started)
    }
    var (interrupted, finished) = (0, 0)
    for attempt in 0..<kills {
      let companion = try Companion(tool, push(100 + attempt), environment: live.environment)
      try await Task.sleep(for: length * Double.random(in: 0.05...1.1))
      kill(companion.process.processIdentifier, SIGKILL)
      if try await companion.finish() == 0 { finished += 1 } else { interrupted += 1 }
      try await expectSound("after kill \(attempt)")
    }
    #expect(interrupted > kills / 3, "\(finished) of \(kills) runs were done before their kill")
    // One that was killed is completed by running it again, and nothing is there twice.
    let last = try await run(tool, push(100 + kills - 1), environment: live.environment)
    #expect(last.code == 0, "\(last.errors)")
    let store = try live.open()
    let before = try await store.versions(of: "checkout")
    let found = try await store.collect(Retention(keep: 1000, grace: .zero), dryRun: false)
    #expect(try await store.versions(of: "checkout") == before)
    let rest = try await store.collect(Retention(keep: 1000, grace: .zero), dryRun: true)
    #expect(rest.leftovers.isEmpty && rest.versions.isEmpty)
    #expect(try await store.find("checkout@champion").version == before.last)
    try await expectSound("after the collection")
    return found.leftovers.count
  }
}
