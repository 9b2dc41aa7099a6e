import Foundation
import Registry
import Storage
import Testing

@Suite struct ConcurrentPublishingTests {
  private let folder: TemporaryFolder
  private let registry: DirectoryRegistry

  init() throws {
    folder = try TemporaryFolder()
    registry = DirectoryRegistry(root: folder("registry"))
  }

  /// Every version loads, numbers have no gap, aliases lead to versions and nothing is left over.
  private func expectConsistent(_ place: String) throws {
    guard FileSystem.item(at: registry.root) != nil, try !registry.names().isEmpty else { return }
    guard try !registry.versions(of: "checkout").isEmpty else { return }
    let versions = try registry.versions(of: "checkout")
    #expect(versions == Array(1...versions.count), "\(place)")
    for version in versions {
      #expect(throws: Never.self, "\(place)") { try registry.load("checkout@\(version)") }
    }
    for alias in try registry.aliases(of: "checkout") {
      #expect(throws: Never.self, "\(place)") { try registry.load("checkout@\(alias.name)") }
    }
    let digests = try versions.map { try registry.resolve("checkout@\($0)").digest }
    #expect(Set(digests).count == digests.count, "\(place): an artifact is there twice")
  }

  @Test func `threads never make equal versions nor lose one`() async throws {
    let registry = registry
    let published = try await withThrowingTaskGroup(of: [PublishedVersion].self) { group in
      for publisher in 0..<4 {
        group.addTask {
          try (0..<8).map {
            try registry.publish(try sampleArtifact(publisher * 8 + $0), aliases: ["champion"])
          }
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(published.map(\.version).sorted() == Array(1...32))
    for version in published {
      #expect(try registry.resolve("checkout@\(version.version)").digest == version.digest)
    }
    let alias = try #require(try registry.aliases(of: "checkout").first)
    #expect(alias.history.map(\.version) + [alias.target.version] == Array(1...32))
    try expectConsistent("threads")
  }

  @Test func `processes never make equal versions nor lose one`() async throws {
    let root = registry.root
    async let one: Void = publishInProcess(0..<10, at: root)
    async let other: Void = publishInProcess(5..<15, at: root)
    _ = await (one, other)
    try expectConsistent("processes")
    let digests = try registry.versions(of: "checkout").map {
      try registry.resolve("checkout@\($0)").digest
    }
    #expect(try Set(digests) == Set((0..<15).map { try sampleArtifact($0).digest }))
    #expect(digests.count == 15)
  }

  private func publishInProcess(_ seeds: Range<Int>, at root: String) async {
    let (lower, upper) = (seeds.lowerBound, seeds.upperBound)
    await #expect(processExitsWith: .success) {
      [root = root as String, lower = lower as Int, upper = upper as Int] in
      for seed in lower..<upper {
        _ = try DirectoryRegistry(root: root).publish(
          try sampleArtifact(seed), aliases: ["champion"])
      }
    }
  }

  @Test func `an equal artifact from many threads becomes one version`() async throws {
    let registry = registry
    let published = try await withThrowingTaskGroup(of: PublishedVersion.self) { group in
      for _ in 0..<8 { group.addTask { try registry.publish(try sampleArtifact(1)) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(published.map(\.version) == Array(repeating: 1, count: 8))
    #expect(published.filter(\.isNew).count == 1)
  }

  @Test func `of many who move an alias from the same place one succeeds`() async throws {
    let registry = registry
    for seed in 1...9 { _ = try registry.publish(try sampleArtifact(seed)) }
    try registry.setAlias("champion", of: "checkout", to: 1)
    let moved = await withTaskGroup(of: Bool.self) { group in
      for version in 2...9 {
        group.addTask {
          do {
            try registry.setAlias("champion", of: "checkout", to: version, expecting: .version(1))
            return true
          } catch RegistryError.aliasConflict {
            return false
          } catch {
            Issue.record(error)
            return false
          }
        }
      }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(moved == 1)
    #expect(try registry.aliases(of: "checkout").first?.history.map(\.version) == [1])
  }

  @Test func `a process killed at any moment leaves a whole registry`() async throws {
    let root = registry.root
    var interrupted = 0
    for attempt in 0..<15 {
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [root = root as String, attempt = attempt as Int] in
        func publish(_ step: Int) throws {
          _ = try DirectoryRegistry(root: root).publish(
            try sampleArtifact(attempt << 20 | step), aliases: ["champion", "challenger"])
        }
        // One publishing's time, so that the kill falls anywhere into the next ones.
        let started = ContinuousClock.now
        try publish(0)
        let took = ContinuousClock.now - started
        let delay = took / .microseconds(1) * Double(attempt * 7919 % 1000) / 400
        Thread.detachNewThread {
          usleep(UInt32(delay))
          kill(getpid(), SIGKILL)
        }
        for step in 1... { try publish(step) }
      }
      if FileSystem.item(at: "\(root)/.staging") != nil { interrupted += 1 }
      try expectConsistent("after kill \(attempt)")
    }
    let before = try registry.versions(of: "checkout").count
    #expect(interrupted > 0, "no kill hit a publishing; the test shows nothing")
    let next = try registry.publish(try sampleArtifact(-1), aliases: ["champion", "challenger"])
    #expect(next.version == before + 1)
    #expect(FileSystem.item(at: "\(root)/.staging") == nil)
    try expectConsistent("after the next publishing")
  }
}
