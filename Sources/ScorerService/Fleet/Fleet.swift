internal import Features
internal import Synchronization
internal import Telemetry

/// All services under one model, and beside them under its challenger.
///
/// A service has a lock of its own, so that any number of threads score different services at once.
final class Fleet: Sendable {
  /// One service.
  final class Cell: Sendable {
    let state: Mutex<ServiceState>
    /// The same service under the challenger, with the places of its columns in ours.
    let shadow: Mutex<Shadow?>

    init(_ state: ServiceState, shadow: Shadow?) {
      self.state = Mutex(state)
      self.shadow = Mutex(shadow)
    }
  }

  struct Shadow: Sendable {
    var state: ServiceState
    var columns: [Int?]
  }

  let model: ServedModel
  let shadowModel: ServedModel?
  let cells: [Cell]
  let agreement = Agreement()

  /// Makes a fleet without carried state.
  convenience init(_ model: ServedModel, shadow: ServedModel? = nil) {
    self.init(model, shadow: shadow) { ServiceState(model, place: $0) }
  }

  private init(
    _ model: ServedModel, shadow: ServedModel?, state: (Int) -> ServiceState
  ) {
    (self.model, shadowModel) = (model, shadow)
    cells = model.services.indices.map { place in
      Cell(
        state(place),
        shadow: shadow.flatMap { Self.shadow($0, of: model.services[place]) })
    }
  }

  private static func shadow(
    _ challenger: ServedModel, of service: ServiceFeatureModel
  ) -> Shadow? {
    guard let place = challenger.names.place(of: service.service) else { return nil }
    let columns = NameTable(service.metricColumns)
    return Shadow(
      state: ServiceState(challenger, place: place),
      columns: challenger.services[place].metricColumns.map { columns.place(of: $0) })
  }

  /// Scores the next row of a service; nil when it is not later than its last.
  func push(_ row: TelemetryRow, place: Int) -> [Float]? {
    let cell = cells[place]
    guard shadowModel != nil else { return cell.state.withLock { $0.push(row) } }
    // One lock for both, so that the challenger sees rows in the same order.
    return cell.shadow.withLock { shadow in
      guard let scores = cell.state.withLock({ $0.push(row) }) else { return nil }
      if let columns = shadow?.columns {
        var own = row
        own.metrics = columns.map { place in place.map { row.metrics[$0] } ?? .nan }
        if let other = shadow?.state.push(own) {
          agreement.count(scores.last ?? .nan, other.last ?? .nan)
        }
      }
      return scores
    }
  }

  /// A fleet of other models that goes on where this one is. Rows that come meanwhile are for
  /// `catchUp` to bring.
  func successor(_ model: ServedModel, shadow: ServedModel?) -> Fleet {
    let former = Dictionary(
      uniqueKeysWithValues: zip(self.model.services.map(\.service), cells))
    let fleet = Fleet(model, shadow: shadow) { place in
      var state = ServiceState(model, place: place)
      if let cell = former[model.services[place].service] {
        state.takeOver(cell.state.withLock { $0 })
      }
      return state
    }
    for (place, cell) in fleet.cells.enumerated() {
      guard let before = former[model.services[place].service] else { continue }
      cell.shadow.withLock { own in
        guard own != nil else { return }
        let formerShadow = before.shadow.withLock { $0 }
        if let formerShadow, shadowModel?.digest == shadow?.digest {
          own?.state = formerShadow.state
        } else {
          own?.state.takeOver(before.state.withLock { $0 })
        }
      }
    }
    return fleet
  }

  /// Brings the rows that a former fleet took while this one was made of it.
  func catchUp(with former: Fleet) {
    for (place, service) in model.services.enumerated() {
      guard let formerPlace = former.model.names.place(of: service.service) else { continue }
      let state = former.cells[formerPlace].state.withLock { $0 }
      let own = cells[place].state.withLock { $0.last }
      guard let last = state.last, own.map({ last > $0 }) ?? true else { continue }
      let positions = former.model.columns[formerPlace]
      let columns = service.metricColumns.map { positions.place(of: $0) }
      for index in 0..<state.recent.count {
        var row = state.recent[index]
        if let own, row.time <= own { continue }
        row.metrics = columns.map { place in place.map { row.metrics[$0] } ?? .nan }
        _ = push(row, place: place)
      }
    }
  }
}

/// How often two models agree on whether something is wrong; the last rows count most.
final class Agreement: Sendable {
  /// Rows over which the share is taken, about.
  private static let span = 2_000.0
  private let ratio = Mutex<(value: Double, rows: Double)>((0, 0))

  /// The share of rows on which both were on the same side of the boundary; nil before the first.
  var value: Double? { ratio.withLock { $0.rows > 0 ? $0.value : nil } }

  func count(_ first: Float, _ second: Float) {
    guard !first.isNaN, !second.isNaN else { return }
    let agrees = (first >= 1) == (second >= 1)
    ratio.withLock {
      $0.rows = min($0.rows + 1, Self.span)
      $0.value += ((agrees ? 1 : 0) - $0.value) / $0.rows
    }
  }
}
