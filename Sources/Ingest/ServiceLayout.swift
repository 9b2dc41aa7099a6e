internal import Telemetry

/// The series that together are one column, or one bucket or total of a histogram.
struct SeriesGroup {
  /// What they contribute to.
  let target: ColumnPlan.Target
  /// Indices into the layout's series, ascending.
  var members: [Int] = []
  /// Labels that all of them share.
  var labels: [String: String]
}

/// The columns of one service, which follow from the labels of its series alone: no sample has to
/// be looked at to know them.
struct ServiceLayout {
  /// How the values of a column come about.
  enum Origin {
    /// From the series of a group.
    case group(Int)
    /// From a histogram.
    case histogram(Int, HistogramPlan.Part)

    /// Whether a cell without a value means that samples are missing. A quantile or mean has none
    /// where nothing was observed.
    var showsGaps: Bool {
      switch self {
      case .group, .histogram(_, .rate): true
      case .histogram: false
      }
    }
  }

  /// A column.
  struct Column {
    let description: MetricColumn
    let origin: Origin
  }

  let service: String
  /// The service's series in the order of their labels' text: sums of floating-point numbers depend
  /// on the order, so it must not be that of the files.
  let series: [(text: String, number: Int)]
  /// What belongs to no histogram.
  let groups: [SeriesGroup]
  let histograms: [HistogramPlan]
  /// In ascending order of their names, one for each name.
  private(set) var columns: [Column] = []
  /// What would have had a name that is taken.
  private(set) var refused: [Column] = []

  /// Lays out a service.
  ///
  /// - Parameter numbers: The numbers of its series.
  init(
    service: String, series numbers: [Int], in collector: SeriesCollector,
    kinds: [String: MetricKind]
  ) {
    self.service = service
    let plan = ColumnPlan(service: service, kinds: kinds)
    series = numbers.map { (canonical(collector.all[$0].labels), $0) }
      .sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
    var index: [ColumnPlan.Target: Int] = [:]
    var groups: [SeriesGroup] = []
    for (member, entry) in series.enumerated() {
      let labels = collector.all[entry.number].labels
      let target = plan.target(of: collector.all[entry.number])
      if let group = index[target] {
        groups[group].members.append(member)
        groups[group].labels = groups[group].labels.filter { labels[$0.key] == $0.value }
      } else {
        index[target] = groups.count
        groups.append(SeriesGroup(target: target, members: [member], labels: labels))
      }
    }
    histograms = HistogramPlan.take(from: &groups)
    self.groups = groups
    settleNames()
  }

  /// What a refused column would have been, in the report's words.
  func meaning(of column: Column) -> String {
    if case .histogram = column.origin { return "derived from a histogram" }
    return "an exported \(column.description.kind)"
  }

  /// Gives each name to one column.
  ///
  /// Two may claim a name when a metric is both exported and derived from a histogram, both a gauge
  /// and a counter, or when labels have such names that they read like others. An exported gauge
  /// stays before an exported counter and that before a derived column, then the one whose labels
  /// come first, so that the choice does not depend on the order of reading.
  private mutating func settleNames() {
    let exported = groups.indices.map { index in
      let (target, labels) = (groups[index].target, groups[index].labels)
      return Column(
        description: MetricColumn(
          name: seriesText(target.metric, target.labels.sorted { $0.key < $1.key }),
          kind: target.kind, labels: labels),
        origin: .group(index))
    }
    let derived = histograms.indices.flatMap { index in
      histograms[index].columns.map {
        Column(description: $0.description, origin: .histogram(index, $0.part))
      }
    }
    for claim in (exported + derived).map(Claim.init).sorted(by: Claim.comesFirst) {
      if columns.last?.description.name == claim.column.description.name {
        refused.append(claim.column)
      } else {
        columns.append(claim.column)
      }
    }
  }

  /// A column that is to have its name.
  private struct Claim {
    let column: Column
    private let rank: Int
    private let name: [UInt8]
    /// Keys and values by turns: as one text they may read like others.
    private let labels: [String]

    init(_ column: Column) {
      self.column = column
      name = Array(column.description.name.utf8)
      labels = column.description.labels.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
      rank =
        switch column.origin {
        case .histogram: 2
        case .group: column.description.kind == .counter ? 1 : 0
        }
    }

    static func comesFirst(_ a: Claim, _ b: Claim) -> Bool {
      if a.name != b.name { return a.name.lexicographicallyPrecedes(b.name) }
      if a.rank != b.rank { return a.rank < b.rank }
      return a.labels.lexicographicallyPrecedes(b.labels)
    }
  }
}
