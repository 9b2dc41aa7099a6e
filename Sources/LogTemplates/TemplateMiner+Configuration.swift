extension TemplateMiner {
  /// What decides which patterns share a template, and how many templates there are.
  public struct Configuration: Hashable, Sendable {
    /// Share of the words that are text, from 0 to 1, in which a pattern must agree with a template
    /// to join it. Values that were masked do not count.
    public var similarity = 0.9
    /// The share that is enough in a crowd of templates that agree with the pattern in as much.
    public var crowdSimilarity = 0.7
    /// Templates that are a crowd.
    public var crowd = 5
    /// Templates in all.
    public var templates = 4096
    /// What happens to a pattern that would found a template beyond the limit.
    public var whenFull = WhenFull.evict
    /// What is masked in lines; patterns are masked already.
    public var rules = LogMaskRules()

    /// The defaults.
    public init() {}

    /// What is wrong with the values; nil when nothing is.
    var problem: String? {
      let shares = [similarity, crowdSimilarity]
      guard shares.allSatisfy({ (0...1).contains($0) }) else {
        return "the similarities \(shares) must lie in 0...1"
      }
      guard crowd > 0, (1...TemplateMiner.templateLimit).contains(templates) else {
        return "crowd \(crowd) must be positive, templates \(templates) in 1...\(templateLimit)"
      }
      return nil
    }
  }

  /// What happens to a pattern that would found a template beyond the limit.
  public enum WhenFull: String, Hashable, Sendable {
    /// The template that was used least recently makes room; it is counted in `evicted`.
    case evict
    /// The pattern is refused and counted in `overflow`.
    case refuse
  }

  /// The largest number of templates that can be asked for.
  public static let templateLimit = 65_536
}
