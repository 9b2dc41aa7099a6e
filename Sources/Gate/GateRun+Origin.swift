internal import Diagnostics
internal import Pipeline
internal import Registry
public import Signing
internal import Telemetry

extension GatePolicy {
  /// Refuses a policy that needs signers and gets none, before any work is done.
  ///
  /// - Throws: `GateError.noSigners`.
  public func checkSigners(_ trust: TrustPolicy?) throws {
    if case .trusted? = signature, trust == nil { throw GateError.noSigners }
  }
}

extension GateRun {
  /// Whether those have signed the candidate whom the policy names.
  ///
  /// The signatures must cover the very bytes of the candidate's manifest, and so every file: reading the
  /// candidate has checked these against it.
  func signature(_ candidate: GateSide) throws -> [GateFinding] {
    guard let rule = policy.signature else { return [] }
    let signers: TrustPolicy
    switch rule {
    case .signers(let named): signers = named
    case .trusted:
      guard let trust else { throw GateError.noSigners }
      signers = trust
    }
    let check = "signature"
    do {
      let admitted = try AdmittedManifest(
        candidate.artifact.manifest.bytes, signatures: candidate.signatures, trust: signers,
        registeredAs: candidate.registeredName, place: candidate.reference)
      let keys = admitted.signers.map { $0.prefix(12) }.joined(separator: ", ")
      return [
        GateFinding(
          check, .passed, "signed by \(keys), \(signers.required) required",
          candidate: Double(admitted.signers.count))
      ]
    } catch let error as any DiagnosedError where error.kind == .integrity {
      return [GateFinding(check, .integrity, error.description)]
    }
  }

  /// Whether the candidate can be used for long enough.
  func expiry(_ candidate: GateSide, _ dataset: Dataset) -> [GateFinding] {
    guard let least = policy.leastLifetime else { return [] }
    let check = "expiry"
    guard let expires = candidate.artifact.manifest.expires else {
      return [
        GateFinding(
          check, .invalid,
          "the candidate does not say when it expires; set registry.expires_after and train it again"
        )
      ]
    }
    let end = dataset.grid.range.end
    let left = expires - end
    let isEnough = left >= least
    return [
      GateFinding(
        check, isEnough ? .passed : .invalid,
        "expires at \(expires), \(left) after the end of the data, \(least) asked for"
          + (isEnough ? "" : ": calibrate on newer data, or set a longer registry.expires_after"),
        candidate: left.seconds)
    ]
  }
}
