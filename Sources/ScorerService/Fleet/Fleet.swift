internal import Detection
internal import Features
internal import Scoring
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
  init(_ model: ServedModel, shadow: ServedModel? = nil) {
    (self.model, shadowModel) = (model, shadow)
    cells = model.services.indices.map { place in
      Cell(
        ServiceState(model, place: place),
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

  /// Services whose networks step side by side.
  private static let together = 128
  /// Fewer than that step alone, when their next row comes.
  private static let fewest = 4

  /// Does what services put off until their next row, side by side.
  func step(_ places: [Int]) {
    guard places.count >= Self.fewest else { return }
    var batch = StepBatch()
    for start in stride(from: 0, to: places.count, by: Self.together) {
      batch.removeAll()
      let part = places[start..<min(start + Self.together, places.count)]
      var lasts: [Timestamp?] = []
      for place in part {
        cells[place].state.withLock { state in
          state.scorer?.offerSteps(to: &batch, owner: lasts.count)
          lasts.append(state.last)
        }
      }
      batch.run()
      for ticket in batch.tickets {
        cells[part[part.startIndex + ticket.owner]].state.withLock { state in
          // Another thread's row that came meanwhile has gone on from here, or started anew.
          guard state.last == lasts[ticket.owner] else { return }
          state.scorer?.takeStep(ticket, from: batch)
        }
      }
    }
  }

  /// A fleet of other models that goes on where this one is. Rows that come meanwhile are for
  /// `catchUp` to bring.
  func successor(_ model: ServedModel, shadow: ServedModel?) -> Fleet {
    let fleet = Fleet(model, shadow: shadow)
    for place in fleet.cells.indices {
      if let before = fleet.cell(of: place, in: self) { fleet.carry(before, of: self, to: place) }
    }
    return fleet
  }

  /// Brings what a former fleet took while this one was made of it, as long as no rows come.
  func catchUp(with former: Fleet) {
    for place in cells.indices {
      guard let before = cell(of: place, in: former) else { continue }
      let state = before.state.withLock { $0 }
      let own = cells[place].state.withLock { $0.last }
      guard let last = state.last, own.map({ last > $0 }) ?? true else { continue }
      let missed = (0..<state.recent.count).map { state.recent[$0] }.filter { row in
        own.map { row.time > $0 } ?? true
      }
      // Exact where memory can be taken over, and where not, as little work as the lock allows.
      if former.model.stateDigest == model.stateDigest || missed.count == state.recent.count {
        carry(before, of: former, to: place)
      } else {
        let places = former.names(of: model.services[place].service)
        for var row in missed {
          let metrics = row.metrics
          row.metrics = model.services[place].metricColumns.map { name in
            places?.place(of: name).map { metrics[$0] } ?? .nan
          }
          _ = push(row, place: place)
        }
      }
    }
  }

  private func names(of service: String) -> NameTable? {
    model.names.place(of: service).map { model.columns[$0] }
  }

  private func cell(of place: Int, in former: Fleet) -> Cell? {
    former.model.names.place(of: model.services[place].service).map { former.cells[$0] }
  }

  /// Starts a service with what it knows in a former fleet. A challenger that becomes the champion
  /// goes on as the challenger that it was.
  private func carry(_ before: Cell, of former: Fleet, to place: Int) {
    let state = before.state.withLock { $0 }
    let shadow = before.shadow.withLock { $0?.state }
    var own = ServiceState(model, place: place)
    let promoted = former.shadowModel?.digest == model.digest ? shadow : nil
    own.takeOver(promoted ?? state)
    cells[place].state.withLock { $0 = own }
    cells[place].shadow.withLock { other in
      guard other != nil else { return }
      if let shadow, former.shadowModel?.digest == shadowModel?.digest {
        other?.state = shadow
      } else {
        other?.state.startAgain(from: state)
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
