/// The catalogue as text: for the terminal and for docs/features.md.
public enum FeatureCatalogue {
  /// A feature's full documentation, a line per property.
  public static func explanation(of feature: CatalogueFeature) -> String {
    let documentation = feature.documentation
    return """
      \(feature.rawValue) (version \(feature.version))
        \(documentation.meaning)
        formula   \(documentation.formula)
        unit      \(documentation.unit)
        window    \(window(feature))
        for       \(scope(feature))
        memory    \(documentation.memory)
        missing   \(documentation.missing)
        sets      \(sets(feature))

      """
  }

  /// One line per feature: name, version and meaning.
  public static func list() -> String {
    let width = CatalogueFeature.allCases.map(\.rawValue.count).max() ?? 0
    return CatalogueFeature.allCases.map { feature in
      let name = feature.rawValue + String(repeating: " ", count: width - feature.rawValue.count)
      return "\(name)  v\(feature.version)  \(feature.documentation.meaning)\n"
    }.joined()
  }

  /// The page docs/features.md.
  public static func markdown() -> String {
    let rows = CatalogueFeature.allCases.map { feature in
      let documentation = feature.documentation
      return "| `\(feature.rawValue)` | \(feature.version) | \(documentation.meaning) "
        + "| \(escaped(documentation.formula)) | \(documentation.unit) | \(window(feature)) "
        + "| \(documentation.memory) | \(documentation.missing) |\n"
    }
    return introduction + rows.joined()
  }

  private static let introduction = """
    # Features

    Every feature that models can see. Written by `autopilot features list --markdown`; a test keeps this
    page and the program the same.

    A *channel* is a metric of a service or something its logs are counted by, one value per cell of the
    grid. x is a channel's value less its training median, divided by its robust scale (one *scale* below);
    X is a metric in its own unit; t is the current cell, w the window in cells, n the number of values
    present in it. Everything is computed from the current cell and earlier ones, and all features are
    scaled once more by their own training median and scale. Memory is per channel, or per service for
    features of its logs.

    With `features.daily_course`, the default, x is also less the usual course of the day: per quarter of an
    hour (UTC) the median of x in training, over that quarter and those beside it. A channel has one when
    training holds four days or more of it, and when the course of the first half brings the values of the
    second nearer to their median, by a tenth at least. A state has none.

    Features named `log_…` exist for services with logs. c is the lines of a template in the window, all
    lines of no known template counting as one template more; e is the lines of severity error in a cell.
    Cells in which logs were not recorded are missing, not silent: nothing of them is counted. A pair of
    lines are two that follow each other in one stream of the service, such as a pod's, at most an interval
    apart; it belongs to the cell of the later one.

    Models are fitted on cells whose features reach into known time without incidents only: w cells back,
    w + 1 for `lag`, `difference`, `rate_of_change`, `log_new_template_rate` and the `log_next_…`, and 3w
    for the exponential averages, which have forgotten all but e⁻⁶ of what lies before.

    `features.set` chooses: `default` is `robust_z` and, for every window, `mean`, `deviation`, `minimum`,
    `maximum`, `trend`, `excess` and `roughness`; `full` is everything below; `listed` is `robust_z` alone.
    `features.add` adds features by name, over windows of their own if need be.

    | name | version | meaning | formula | unit | shortest window | memory | missing values |
    | --- | --- | --- | --- | --- | --- | --- | --- |

    """

  private static func escaped(_ formula: String) -> String {
    formula.replacing("|", with: "\\|")
  }

  private static func window(_ feature: CatalogueFeature) -> String {
    feature.shortestWindow.map { $0 == 1 ? "1 cell" : "\($0) cells" } ?? "none"
  }

  private static func scope(_ feature: CatalogueFeature) -> String {
    switch feature.scope {
    case .channel: "every channel"
    case .service: "the service"
    case .logs: "the service's logs"
    }
  }

  private static func sets(_ feature: CatalogueFeature) -> String {
    FeatureSet.allCases.filter { set in
      set.features(windows: [2]).contains { $0.feature == feature }
    }.map(\.rawValue).joined(separator: ", ")
  }
}
