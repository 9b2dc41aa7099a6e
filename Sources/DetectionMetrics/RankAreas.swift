extension ScoredSeries {
  /// AUC-PR as step-wise average precision, within 0...1; nil without an incident.
  ///
  ///     AP = Σ (Rₙ − Rₙ₋₁) Pₙ  over the distinct scores in descending order
  ///
  /// Equal scores form one step. It is scikit-learn's `average_precision_score`, without the
  /// optimistic interpolation that Davis and Goadrich (ICML 2006) warn of.
  ///
  /// - Complexity: O(n)
  public var averagePrecision: Double? {
    let positives = incidents.points
    guard positives > 0 else { return nil }
    var sum = 0.0
    forEachStep { before, after in
      let found = Double(after.found - before.found)
      sum += found * (Double(after.found) / Double(after.raised))
    }
    return sum / Double(positives)
  }

  /// AUC-ROC, within 0...1; nil unless points exist inside and outside of incidents.
  ///
  /// The probability that a point of an incident scores higher than another, half of it at ties:
  /// scikit-learn's `roc_auc_score`.
  ///
  /// - Complexity: O(n)
  public var rocArea: Double? {
    let positives = incidents.points
    let negatives = count - positives
    guard positives > 0, negatives > 0 else { return nil }
    var doubledArea = 0
    forEachStep { before, after in
      let falseAlarms = (after.raised - after.found) - (before.raised - before.found)
      doubledArea += falseAlarms * (before.found + after.found)
    }
    return Double(doubledArea) / (2 * Double(positives) * Double(negatives))
  }

  /// How many points score at least a threshold, and how many of them lie in incidents.
  private typealias Counts = (raised: Int, found: Int)

  /// Calls `body` with the counts before and after each distinct score, the highest first.
  private func forEachStep(_ body: (Counts, Counts) -> Void) {
    let labels = incidents.labels
    var before: Counts = (0, 0)
    var after: Counts = (0, 0)
    while after.raised < count {
      let level = order.scores[after.raised]
      while after.raised < count, order.scores[after.raised] == level {
        if labels[Int(order.indices[after.raised])] { after.found += 1 }
        after.raised += 1
      }
      body(before, after)
      before = after
    }
  }

  /// The distinct scores, descending, with the number of incident points at or above each.
  var distinctScores: (scores: [Double], found: [Int]) {
    var distinct: [Double] = []
    var found: [Int] = []
    forEachStep { _, after in
      distinct.append(order.scores[after.raised - 1])
      found.append(after.found)
    }
    return (distinct, found)
  }
}
