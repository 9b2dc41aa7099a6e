/// Which versions stay.
public struct Retention: Hashable, Sendable {
  /// How many of the newest versions of each model stay in any case, at least one.
  public var keep: Int
  /// The models to look at; nil for all.
  public var names: Set<String>?
  /// How long ago a publisher must have begun to be taken for dead, where no lock tells.
  public var grace: Duration

  /// How long a version is marked before it goes, where no lock keeps aliases from moving.
  public var settling: Duration { min(.seconds(30), grace) }

  /// Makes a rule.
  ///
  /// - Precondition: `keep` is at least 1.
  public init(keep: Int, names: Set<String>? = nil, grace: Duration = .seconds(86_400)) {
    precondition(keep >= 1, "cannot keep \(keep) versions")
    (self.keep, self.names, self.grace) = (keep, names, grace)
  }

  /// The versions that may go: neither among the newest nor where an alias points or ever pointed.
  public func removable(_ versions: [Int], aliases: [ModelAlias]) -> [Int] {
    let needed = Set(aliases.flatMap { [$0.target] + $0.history }.map(\.version))
    return versions.sorted().dropLast(keep).filter { !needed.contains($0) }
  }

  /// Whether a model is to be looked at.
  public func covers(_ name: String) -> Bool { names?.contains(name) ?? true }
}

/// What a collection removed, or would.
public struct CollectedGarbage: Hashable, Sendable {
  /// Versions, as `name@version`.
  public var versions: [String] = []
  /// What killed publishers left, by its place in the store.
  public var leftovers: [String] = []

  /// Nothing.
  public init() {}
}
