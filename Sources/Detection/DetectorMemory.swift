internal import Baselines
internal import ErrorScores
internal import LSTM

/// What a detector remembers between rows, as numbers in an order of its own.
///
/// A detector that takes its memory back goes on as the one that wrote it, bit for bit.
public struct DetectorMemory: Hashable, Sendable {
  /// The numbers; 32-bit floats lose nothing in them.
  public private(set) var numbers: [Double]
  private var position = 0
  private var isShort = false

  /// Makes a memory of known numbers, to be taken back.
  public init(_ numbers: [Double] = []) { self.numbers = numbers }

  /// Whether everything was taken and nothing was missing.
  public var isSpent: Bool { !isShort && position == numbers.count }

  mutating func add(_ value: Double) { numbers.append(value) }

  mutating func add(_ values: [Float]) { numbers.append(contentsOf: values.lazy.map(Double.init)) }

  mutating func add(_ values: [Double]) { numbers.append(contentsOf: values) }

  /// The next numbers; zeros, and no longer spent, when there are fewer.
  mutating func doubles(_ count: Int) -> [Double] {
    guard count >= 0, count <= numbers.count - position else {
      isShort = true
      return Array(repeating: 0, count: max(0, min(count, 1 << 24)))
    }
    defer { position += count }
    return Array(numbers[position..<position + count])
  }

  mutating func floats(_ count: Int) -> [Float] { doubles(count).map { Float($0) } }

  /// The next number as a count of at most `limit`.
  mutating func count(_ limit: Int) -> Int {
    let value = doubles(1)[0]
    guard let count = Int(exactly: value), (0...limit).contains(count) else {
      isShort = true
      return 0
    }
    return count
  }
}

extension Detector {
  /// Remembers nothing.
  public func remember(in memory: inout DetectorMemory) {}

  /// Takes nothing back.
  public mutating func recall(from memory: inout DetectorMemory) {}

  /// Puts nothing off.
  public func offerStep(to batch: inout StepBatch) {}

  /// Has nothing to take.
  public mutating func takeStep(_ ticket: StepBatch.Ticket, from batch: borrowing StepBatch) {}
}

extension LagWindow {
  func remember(in memory: inout DetectorMemory) {
    memory.add(Double(count))
    memory.add(elements)
  }

  mutating func recall(from memory: inout DetectorMemory) {
    let count = memory.count(lags)
    let elements = memory.floats(lags * columns)
    clear()
    // The latest come first; what a window that is not full has beyond its rows is missing.
    for row in (0..<count).reversed() {
      push(Array(elements[row * columns..<(row + 1) * columns]))
    }
  }
}

extension LSTMState {
  func remember(in memory: inout DetectorMemory) {
    memory.add(outputs)
    memory.add(cells)
  }

  /// The memory of a network; what is no output or cell of one counts as forgotten.
  static func recalled(_ shape: LSTMShape, from memory: inout DetectorMemory) -> LSTMState {
    let units = shape.layers * shape.hidden
    let (outputs, cells) = (memory.floats(units), memory.floats(units))
    guard (outputs + cells).allSatisfy(\.isFinite) else { return LSTMState(for: shape) }
    return LSTMState(for: shape, outputs: outputs, cells: cells)
  }
}
