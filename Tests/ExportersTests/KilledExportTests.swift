import Companions
import Foundation
import Storage
import Synchronization
import Testing

private func arguments(_ server: StandInServer, _ folder: String) -> [String] {
  [
    "export", "prometheus", "--url", server.url, "--query", "up", "--query", "down", "--start",
    "2026-01-01T00:00:00Z", "--end", "2026-01-03T00:00:00Z", "--points", "100", "--concurrency",
    "3", "--out", folder, "--quiet",
  ]
}

@Suite struct KilledExportTests {
  @Test func `an export killed at many moments fetches only what is missing and ends whole`()
    async throws
  {
    // Requests that are answered; those beyond wait for the kill.
    let left = Mutex(Int.max)
    let server = try await StandInServer { request in
      var answer = PrometheusStandIn().answer(request)
      let isAnswered = left.withLock { left in
        left -= 1
        return left >= 0
      }
      answer.delay = isAnswered ? .milliseconds(10) : .seconds(3600)
      return answer
    }
    let clean = try TestFolder()
    let whole = try await run(tool, arguments(server, clean.path))
    try #require(whole.code == 0, "\(whole.errors)")
    let expected = try chunks(in: clean.path)
    try #require(expected.count == 58)

    let folder = try TestFolder()
    for goal in [1, 3, 7, 12, 15] {
      left.withLock { $0 = goal }
      let before = server.seen.count
      let known = finished(folder.path)
      let process = try Companion(tool, arguments(server, folder.path))
      while server.seen.count < before + goal, process.process.isRunning {
        try await Task.sleep(for: .milliseconds(1))
      }
      kill(process.process.processIdentifier, SIGKILL)
      #expect(try await process.finish() == -1)
      // What stands under its name is whole and what the manifest says, whatever moment it was.
      let now = finished(folder.path)
      #expect(known.isSubset(of: now))
      let found =
        try FileSystem.item(at: "\(folder.path)/chunks") == nil ? [] : chunks(in: folder.path)
      #expect(found.allSatisfy { chunk in expected.contains { $0 == chunk } })
      #expect(now.isSubset(of: Set(found.map(\.name))))
    }

    left.withLock { $0 = .max }
    let (before, known) = (server.seen.count, finished(folder.path))
    let last = try await run(tool, arguments(server, folder.path))
    #expect(last.code == 0, "\(last.errors)")
    // Requests of the process that was killed last may have been on their way still, one of each of three.
    let missing = 58 - known.count
    #expect((missing...missing + 3).contains(server.seen.count - before))
    #expect(try chunks(in: folder.path).map(\.name) == expected.map(\.name))
    #expect(try chunks(in: folder.path).map(\.text) == expected.map(\.text))
    #expect(!folder.files().contains { $0.contains(".staging") || $0.hasSuffix(".partial") })
  }

  @Test func `a second export into the same folder is turned away while the first one works`()
    async throws
  {
    let server = try await StandInServer { request in
      var answer = PrometheusStandIn().answer(request)
      answer.delay = .seconds(3600)
      return answer
    }
    let folder = try TestFolder()
    let first = try Companion(tool, arguments(server, folder.path))
    while server.seen.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
    let second = try await run(tool, arguments(server, folder.path))
    #expect(second.code == 1)
    #expect(second.errors.contains("another run is writing here"))
    kill(first.process.processIdentifier, SIGKILL)
    _ = try await first.finish()
  }
}

/// The parts that a manifest lists.
private func finished(_ folder: String) -> Set<String> {
  guard let members = try? manifest(in: folder)["chunks"].members else { return [] }
  return Set(members.map(\.key))
}
