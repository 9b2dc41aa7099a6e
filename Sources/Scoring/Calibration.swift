public import Storage
internal import LinearAlgebra

/// Turns a detector's raw scores into scores that mean the same for every detector and service: at
/// least 0, and 1 where alerts begin.
///
///     score = max(0, (raw − centre) / spread / boundary)
///
/// Centre and spread belong to a service; the boundary belongs to the detector and is fixed by a
/// `BoundaryRule` on the centred scores of all services, of which 1 is a service's own 95th
/// percentile. All three come from calibration cells alone. Raw scores
/// of different services are expected to be of like size, so that a spread far below the typical one
/// is taken for a quiet week and raised to a tenth of it.
public struct Calibration: Hashable, Sendable {
  /// Where a service's raw scores usually are.
  public struct Location: Hashable, Sendable {
    /// Median raw score.
    public var centre: Double
    /// 95th percentile less the median; positive.
    public var spread: Double

    /// Makes a location.
    public init(centre: Double, spread: Double) { (self.centre, self.spread) = (centre, spread) }
  }

  /// Locations by service.
  public var locations: [String: Location]
  /// For a service without calibration cells: the median location of the others.
  public var fallback: Location
  /// The centred score at which alerts begin; positive.
  public var boundary: Double

  /// Makes a calibration from its parts.
  public init(locations: [String: Location], fallback: Location, boundary: Double) {
    (self.locations, self.fallback, self.boundary) = (locations, fallback, boundary)
  }

  /// Calibrates on the raw scores of the calibration cells.
  ///
  /// - Parameters:
  ///   - scores: Raw scores by service; NaN are left out.
  ///   - rule: Where the boundary is.
  /// - Throws: `ScoringError.nothingToCalibrate` when there is no score at all.
  public init(
    fitting scores: [String: [Float]], rule: BoundaryRule, detector: String
  ) throws {
    locations = [:]
    for (service, raw) in scores {
      let sorted = raw.lazy.filter { !$0.isNaN }.map(Double.init).sorted()
      guard !sorted.isEmpty else { continue }
      let centre = quantile(ofSorted: sorted, 0.5)
      locations[service] = Location(
        centre: centre, spread: quantile(ofSorted: sorted, 0.95) - centre)
    }
    guard !locations.isEmpty else { throw ScoringError.nothingToCalibrate(detector: detector) }
    let typical = quantile(ofSorted: locations.values.map(\.spread).sorted(), 0.5)
    // A service that never moved during calibration takes a part of the others' spread.
    locations = locations.mapValues { location in
      let least = max(typical * 0.1, abs(location.centre) * 1e-3, 1e-6)
      return Location(centre: location.centre, spread: max(location.spread, least))
    }
    fallback = Location(
      centre: quantile(ofSorted: locations.values.map(\.centre).sorted(), 0.5),
      spread: max(typical, 1e-6))
    var centred: [Double] = []
    for (service, raw) in scores {
      guard let location = locations[service] else { continue }
      for value in raw where !value.isNaN {
        centred.append((Double(value) - location.centre) / location.spread)
      }
    }
    centred.sort()
    boundary = rule.boundary(centred)
  }

  /// The calibrated score of a raw one; NaN stays NaN.
  public func score(_ raw: Float, service: String) -> Float { of(service).score(raw) }

  /// The calibration of one service, looked up once for many scores.
  func of(_ service: String) -> OfService {
    OfService(location: locations[service] ?? fallback, boundary: boundary)
  }

  /// The calibration of one service.
  struct OfService: Sendable {
    let location: Location
    let boundary: Double

    /// The calibrated score of a raw one; NaN stays NaN.
    func score(_ raw: Float) -> Float {
      let centred = (Double(raw) - location.centre) / location.spread
      return centred.isNaN ? .nan : Float(max(0, centred / boundary))
    }
  }

  /// The raw score of a service at which alerts begin.
  public func rawBoundary(service: String) -> Double {
    let location = locations[service] ?? fallback
    return location.centre + location.spread * boundary
  }

  /// The greatest raw score of a service that is below the boundary: whose calibrated score is less
  /// than 1.
  public func greatestNormal(service: String) -> Float {
    // Scores rise with raw ones, and so do these numbers with the 32-bit numbers they stand for.
    func raw(_ number: Int) -> Float {
      let magnitude = Float(bitPattern: UInt32(abs(number)))
      return number < 0 ? -magnitude : magnitude
    }
    let infinity = Int(Float.infinity.bitPattern)
    var (normal, anomalous) = (-infinity, infinity)
    while anomalous - normal > 1 {
      let middle = normal + (anomalous - normal) / 2
      if score(raw(middle), service: service) < 1 { normal = middle } else { anomalous = middle }
    }
    return raw(normal)
  }

  /// The calibration as a JSON document.
  public func json() -> JSONValue {
    [
      "boundary": .number(boundary),
      "fallback": fallback.json(),
      "services": .object(locations.mapValues { $0.json() }),
    ]
  }

  /// Reads a calibration from an artifact's document.
  public init(json document: JSONDocument) throws {
    boundary = try document["boundary"].number
    guard boundary > 0, boundary.isFinite else {
      throw try document["boundary"].expected("a positive number")
    }
    fallback = try Location(json: document["fallback"])
    locations = [:]
    for (service, location) in try document["services"].members {
      locations[service] = try Location(json: location)
    }
  }
}

extension Calibration.Location {
  fileprivate func json() -> JSONValue { ["centre": .number(centre), "spread": .number(spread)] }

  fileprivate init(json document: JSONDocument) throws {
    self.init(centre: try document["centre"].number, spread: try document["spread"].number)
    guard spread > 0, spread.isFinite, centre.isFinite else {
      throw try document["spread"].expected("a positive spread and a finite centre")
    }
  }
}
