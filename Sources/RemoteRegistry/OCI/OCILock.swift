internal import Diagnostics
package import Registry
internal import Storage
internal import Telemetry

/// Times that keep writers apart in a registry that cannot compare and swap.
package struct OCITiming: Sendable {
  /// How long a writer waits between writing the lock and believing that it has it.
  package var settling = Duration.milliseconds(600)
  /// The longest time from looking at the lock to having written it: less than half of the above, so
  /// that whoever wrote at the same time shows before anyone goes on.
  package var reaction: Duration { settling / 2 }
  /// How long a lock stays unchanged before its holder is taken for dead.
  package var lease = Duration.seconds(12)
  /// How long a holder works before it lets go and begins anew.
  package var work: Duration { lease / 2 }
  /// The longest time to wait for the lock.
  package var patience = Duration.seconds(600)

  /// The defaults, unless `AUTOPILOT_OCI_SETTLE` and `AUTOPILOT_OCI_LEASE` say otherwise, which must
  /// be the same for all who write to a registry.
  ///
  /// - Throws: `RegistryError.store` for texts that are no durations or would not keep anyone apart.
  package init(environment: [String: String] = [:], location: String = "") throws(RegistryError) {
    func time(_ name: String) throws(RegistryError) -> Duration? {
      guard let text = environment[name], !text.isEmpty else { return nil }
      guard let span = TimeSpan(text), span.milliseconds >= 100, span.milliseconds <= 600_000
      else {
        throw .store(
          location: location, reason: "\(name) '\(text)' is not a duration from 100ms to 10m",
          .invalidInput)
      }
      return .milliseconds(span.milliseconds)
    }
    settling = try time("AUTOPILOT_OCI_SETTLE") ?? settling
    lease = try time("AUTOPILOT_OCI_LEASE") ?? lease
    guard lease >= settling * 2 else {
      throw .store(
        location: location,
        reason: "AUTOPILOT_OCI_LEASE must be at least twice AUTOPILOT_OCI_SETTLE", .invalidInput)
    }
  }
}

/// The right to change a repository's tags: a tag that says who has it.
///
/// Registries offer no conditional writes, the last writer of a tag wins. So this is the timed lock of
/// Fischer (in Lamport, "A fast mutual exclusion algorithm", 1987): see it free, write one's own
/// name, wait for longer than anyone who saw it free can take to write, and go on only if one's name
/// is still there. It depends on writes arriving within a time, so the holder looks again before each
/// tag it moves, and nothing that is harmed by two holders is left to it alone: content is complete
/// and immutable before any tag names it.
struct OCILock: Sendable {
  static let tag = "_lock"
  private static let owner = "io.autopilotops.lock.owner"

  let client: OCIClient
  let repository: String
  private let name: String
  private let ends: ContinuousClock.Instant

  /// Waits for the lock.
  ///
  /// - Throws: `RegistryError.store` when it cannot be had in time.
  static func acquire(
    _ client: OCIClient, _ repository: String, _ timing: OCITiming
  ) async throws -> OCILock {
    _ = try await client.upload(OCIDescriptor.emptyContent, to: repository)
    let clock = ContinuousClock()
    let patience = clock.now + timing.patience
    var seen: (owner: String, since: ContinuousClock.Instant) = ("", clock.now)
    while clock.now < patience {
      let looked = clock.now
      let owner = try await Self.owner(client, repository)
      if owner != seen.owner { seen = (owner, looked) }
      guard owner.isEmpty || looked - seen.since > timing.lease else {
        try await Task.sleep(for: .milliseconds(Int.random(in: 50...250)))
        continue
      }
      let name = String(UInt64.random(in: 1 ... .max), radix: 36)
      try await write(name, client, repository)
      let wrote = clock.now
      // Too slow to be safe: whoever looked after us may have it already.
      let isTimely = wrote - looked < timing.reaction
      try await Task.sleep(for: timing.settling)
      guard try await Self.owner(client, repository) == name else { continue }
      if isTimely {
        return OCILock(
          client: client, repository: repository, name: name, ends: clock.now + timing.work)
      }
      try await write("", client, repository)
      try await Task.sleep(for: .milliseconds(Int.random(in: 50...500)))
    }
    throw RegistryError.store(
      location: client.place(repository, tag),
      reason: "others change this model all the time; try again", .environment)
  }

  /// Makes sure that the lock is still ours, right before a tag is moved.
  ///
  /// - Throws: `LostLock` when it is not, or could soon not be.
  func check() async throws {
    guard ContinuousClock.now < ends, try await Self.owner(client, repository) == name else {
      throw LostLock()
    }
  }

  /// Lets go, if it is ours.
  func release() async {
    guard let owner = try? await Self.owner(client, repository), owner == name else { return }
    // The lease ends what cannot be released.
    try? await Self.write("", client, repository)
  }

  private static func owner(_ client: OCIClient, _ repository: String) async throws -> String {
    guard let stored = try await client.document(tag, of: repository) else { return "" }
    let manifest = try OCIManifest(stored, source: client.place(repository, tag))
    return manifest.annotations[owner] ?? ""
  }

  private static func write(
    _ name: String, _ client: OCIClient, _ repository: String
  ) async throws {
    var manifest = OCIManifest(artifactType: OCIMediaType.lock)
    manifest.annotations = [owner: name]
    try await client.put(manifest.document, as: tag, to: repository)
  }
}

/// The lock went to someone else, or its time is up; what was to be done is done anew.
struct LostLock: Error {}
