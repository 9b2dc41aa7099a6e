internal import ArgumentParser
internal import Registry
internal import Signing
internal import Telemetry

/// What becomes of models that are used beyond their time.
struct ExpiryOptions: ParsableArguments {
  /// What to do with one.
  enum Choice: String, CaseIterable, ExpressibleByArgument {
    case warn
    case refuse
  }

  @Option(
    help: ArgumentHelp(
      "What to do when the data ends after the model expired: warn or refuse; by default what the "
        + "trust policy says, else warn.", valueName: "choice"))
  var expired: Choice?

  /// Refuses, or warns of, a model that was not meant for data as late as this.
  ///
  /// - Throws: `RegistryError.expired`.
  func check(
    _ artifact: Artifact, _ reference: String, dataUntil end: Timestamp, _ trust: TrustOptions
  ) throws {
    guard let expires = artifact.manifest.expires, end > expires else { return }
    let error = RegistryError.expired(path: reference, at: expires, data: end)
    guard try expired.map({ $0 == .refuse }) ?? trust.policy()?.refusesExpired ?? false else {
      return writeError("autopilot: warning: \(error.description)")
    }
    throw error
  }
}
