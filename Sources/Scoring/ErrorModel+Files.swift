internal import Baselines
internal import Detection
internal import ErrorScores
internal import LinearAlgebra
internal import Storage

/// How forecast errors become scores, as members of a detector's document and as tensors.
extension ErrorModel {
  /// Members of the detector's document; the covariances of distances go into tensors.
  func members(into weights: inout TensorBundle, prefix: String) -> [String: JSONValue] {
    var tails: [String: JSONValue] = [:]
    var intervals: [String: JSONValue] = [:]
    var distances: [String] = []
    for (service, errors) in quiet.sorted(by: { $0.key < $1.key }) {
      switch errors {
      case .tails(let found): tails[service] = found.json()
      case .intervals(let found):
        intervals[service] = [
          "lower": .array(found.map { .number($0.lower) }),
          "median": .array(found.map { .number($0.median) }),
          "upper": .array(found.map { .number($0.upper) }),
        ]
      case .distance(let found):
        let name = "\(prefix).distance.\(distances.count)"
        weights.tensors["\(name).means"] = .init(
          shape: [found.channels], values: .double(found.means))
        weights.tensors["\(name).covariances"] = .init(
          shape: [found.channels, found.channels], values: .double(found.covariances))
        distances.append(service)
      }
    }
    return [
      "score": score.json(), "smoothing": .integer(smoothing),
      "errors": .object(
        usual.mapValues { summaries in
          [
            "median": .array(summaries.map { .number($0.median) }),
            "scale": .array(summaries.map { .number($0.scale) }),
          ]
        }),
      "tails": .object(tails), "intervals": .object(intervals),
      "distances": .array(distances.map(JSONValue.string)),
    ]
  }

  /// Reads what `members` wrote.
  ///
  /// - Parameter channels: The number of channels of a service the model knows.
  init(
    _ document: JSONDocument, weights: TensorBundle, prefix: String, channels: (String) -> Int?
  ) throws {
    let smoothing = try document["smoothing"].integer
    guard (1...1_000_000).contains(smoothing) else {
      throw try document["smoothing"].expected("a span from 1")
    }
    self.init(
      score: try document.optional("score").map { try ErrorScore(json: $0) } ?? .smoothed,
      smoothing: smoothing)
    for (service, place) in try document["errors"].members {
      let medians = try place["median"].elements.map { try $0.number }
      let scales = try place["scale"].elements.map { try $0.number }
      guard medians.count == scales.count, medians.count == channels(service),
        scales.allSatisfy({ $0 > 0 })
      else { throw place.expected("a median and a positive scale per channel") }
      usual[service] = zip(medians, scales).map { RobustSummary(median: $0, scale: $1) }
    }
    for (service, tails) in try TailWeights.read(document["tails"], inputs: { usual[$0]?.count }) {
      quiet[service] = .tails(tails)
    }
    for (service, place) in try document.optional("intervals")?.members ?? [] {
      let ends = try ["lower", "median", "upper"].map { key in
        try place[key].elements.map { try $0.number }
      }
      guard let count = usual[service]?.count, ends.allSatisfy({ $0.count == count }),
        (0..<count).allSatisfy({ ends[0][$0] <= ends[1][$0] && ends[1][$0] <= ends[2][$0] })
      else { throw place.expected("a lower end, a median and an upper end per channel, in order") }
      quiet[service] = .intervals(
        (0..<count).map {
          ForecastInterval(lower: ends[0][$0], median: ends[1][$0], upper: ends[2][$0])
        })
    }
    for (index, place) in (try document.optional("distances")?.elements ?? []).enumerated() {
      let service = try place.string
      guard let count = usual[service]?.count else {
        throw place.expected("a service with errors")
      }
      let name = "\(prefix).distance.\(index)"
      do {
        quiet[service] = .distance(
          try MahalanobisDistance(
            means: try weights.doubles("\(name).means", shape: [count]),
            covariances: try weights.doubles("\(name).covariances", shape: [count, count])))
      } catch let error as CholeskyError {
        throw place.expected("covariances of \(name) that are positive definite (\(error))")
      }
    }
  }
}

extension TailWeights {
  /// The divisors as an array, in an object when deviations are compressed: a program that does not
  /// know of that must not read them.
  func json() -> JSONValue {
    let divisors = JSONValue.array(divisors.map(JSONValue.float))
    return compresses ? ["log_divisors": divisors] : divisors
  }

  /// Reads weights by service.
  static func read(
    _ document: JSONDocument, inputs: (String) -> Int?
  ) throws -> [String: TailWeights] {
    var tails: [String: TailWeights] = [:]
    for (service, place) in try document.members {
      let compressed: JSONDocument? =
        if case .object = place.value { try place["log_divisors"] } else { nil }
      let divisors = try (compressed ?? place).elements.map { Float(try $0.number) }
      guard divisors.count == inputs(service), divisors.allSatisfy({ $0 >= 1 }),
        divisors.contains(where: \.isFinite)
      else { throw place.expected("a divisor of at least 1 per input of the service") }
      tails[service] = TailWeights(divisors: divisors, compresses: compressed != nil)
    }
    return tails
  }
}
