public import Pipeline
internal import Signing
internal import Storage
internal import Telemetry

extension GatePolicy {
  /// Reads a policy from a YAML document; unknown keys are errors that name the line.
  ///
  /// - Parameter folder: Where key files that are not absolute lie.
  /// - Throws: `ConfigurationError`, `SigningError` for keys that cannot be used.
  public init(_ node: ConfigurationNode, folder: String = ".") throws {
    self.init()
    try node.check(keys: [
      "minimum_incidents", "floors", "tolerances", "slices", "budgets", "drift", "golden_sample",
      "signature", "expiry",
    ])
    leastIncidents = try node.optional("minimum_incidents")?.integer(1...10_000) ?? leastIncidents
    if let section = try node.optional("floors") {
      floors = try Self.figures(section) { figure, value in
        try Self.number(value, of: figure)
      }
    }
    if let section = try node.optional("tolerances") {
      tolerances = try Self.figures(section) { figure, value in
        guard figure.isPaired else {
          throw value.expected("a figure that is compared in pairs; put this one into floors")
        }
        return try Self.number(value, of: figure)
      }
    }
    if let section = try node.optional("slices") { slices = try Self.slices(section) }
    if let section = try node.optional("budgets") {
      try section.check(keys: ["artifact_size", "microseconds_per_row"])
      artifactBytes = try section.optional("artifact_size")?.bytes(1...1 << 40)
      microsecondsPerRow = try section.optional("microseconds_per_row")?.number(0.001...1e9)
    }
    if let section = try node.optional("drift") { drift = try Self.drift(section) }
    needsGoldenSample = try node.optional("golden_sample")?.bool ?? needsGoldenSample
    if let section = try node.present("signature") {
      signature = try Self.signature(section, folder: folder)
    }
    leastLifetime = try node.present("expiry")?.duration()
  }

  /// `required`, or a trust policy.
  private static func signature(
    _ node: ConfigurationNode, folder: String
  ) throws -> SignatureRule {
    // What is no word is a mapping, whose own errors name the line.
    guard let word = try? node.string else {
      if let found = try node.optional("expired") {
        throw found.expected(
          "no expired here; see expiry")
      }
      return .signers(try TrustPolicy(node, folder: folder))
    }
    guard word == "required" else {
      throw node.expected("required, or keys with how many of them must have signed")
    }
    return .trusted
  }

  /// Reads a policy from a file.
  ///
  /// Key files in it are relative to its folder.
  ///
  /// - Throws: `ConfigurationError`, `SigningError` for keys that cannot be used, or `StorageError` when
  ///   the file cannot be read.
  public init(readingFile path: String, environment: [String: String]) throws {
    let bytes = try FileSystem.readFile(at: path, limit: 1 << 20)
    try self.init(
      ConfigurationNode(
        parsing: String(decoding: bytes, as: UTF8.self), file: path, environment: environment),
      folder: path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ".")
  }

  private static func figures(
    _ section: ConfigurationNode, _ read: (Figure, ConfigurationNode) throws -> Double
  ) throws -> [Figure: Double] {
    try section.check(keys: Figure.allCases.map(\.rawValue))
    var values: [Figure: Double] = [:]
    for figure in Figure.allCases {
      guard let node = try section.optional(figure.rawValue) else { continue }
      values[figure] = try read(figure, node)
    }
    return values
  }

  private static func number(_ node: ConfigurationNode, of figure: Figure) throws -> Double {
    figure == .medianDelay ? try node.duration().seconds : try node.number(0...1e9)
  }

  private static func slices(_ section: ConfigurationNode) throws -> Slices {
    try section.check(keys: ["by", "minimum_incidents", "lost"])
    var slices = Slices()
    if let names = try section.optional("by") {
      slices.dimensions = try names.elements.map { element in
        let name = try element.string
        guard ["service", "kind", "duration", "hour"].contains(name) else {
          throw element.expected("service, kind, duration or hour")
        }
        return name
      }
    }
    slices.leastIncidents =
      try section.optional("minimum_incidents")?.integer(1...10_000) ?? slices.leastIncidents
    slices.lost = try section.optional("lost")?.integer(0...10_000) ?? slices.lost
    return slices
  }

  private static func drift(_ section: ConfigurationNode) throws -> Drift {
    try section.check(keys: ["psi", "ks", "share"])
    var drift = Drift()
    drift.stabilityIndex = try section.optional("psi")?.number(0...1e6) ?? drift.stabilityIndex
    drift.kolmogorovSmirnov = try section.optional("ks")?.number(0...1) ?? drift.kolmogorovSmirnov
    drift.share = try section.optional("share")?.number(0...1) ?? drift.share
    return drift
  }
}
