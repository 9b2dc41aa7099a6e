internal import Hummingbird
internal import NIOCore
internal import Synchronization

/// How many bytes of bodies may be in memory at once, over all requests.
final class BodyMemory: Sendable {
  /// For bodies of any size to be bounded together; one of the largest allowed size always fits.
  private static let usual = 64 << 20

  private let most: Int
  private let taken = Atomic<Int>(0)

  init(_ limits: ScorerConfiguration.Limits) { most = max(Self.usual, limits.body) }

  /// Takes memory; false when there is none left. Who took some must `give` it back.
  func take(_ bytes: Int) -> Bool {
    if taken.wrappingAdd(bytes, ordering: .relaxed).newValue <= most { return true }
    give(bytes)
    return false
  }

  func give(_ bytes: Int) { taken.wrappingSubtract(bytes, ordering: .relaxed) }
}

/// A body that was collected, or why it was not.
struct CollectedBody {
  /// What is wrong with a body.
  enum Refusal { case tooLarge, noMemory, tooSlow, incomplete }

  /// How long a client may take to send a body. A silent one is cut off by the connection's own limit.
  static let deadline = Duration.seconds(15)

  private(set) var bytes = ByteBuffer()
  private(set) var refusal: Refusal?
  /// What was taken of the memory, and has to be given back.
  private(set) var taken = 0

  /// Collects a body of at most `most` bytes.
  init(_ body: RequestBody, most: Int, memory: BodyMemory) async {
    let start = ContinuousClock.now
    do {
      for try await part in body {
        refusal = add(part, most, memory)
        if refusal == nil, start.duration(to: .now) >= Self.deadline { refusal = .tooSlow }
        if refusal != nil { return }
      }
    } catch {
      refusal = .incomplete
    }
  }

  private mutating func add(_ part: ByteBuffer, _ most: Int, _ memory: BodyMemory) -> Refusal? {
    let count = part.readableBytes
    guard bytes.readableBytes + count <= most else { return .tooLarge }
    guard memory.take(count) else { return .noMemory }
    taken += count
    bytes.writeImmutableBuffer(part)
    return nil
  }
}
