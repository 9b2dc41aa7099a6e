public import Baselines
internal import Features
internal import LinearAlgebra

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Reconstruction error of a service's last rows, stacked, by the principal components of such
/// windows in training: singular spectrum analysis of many channels (Broomhead and King 1986), which
/// sees how channels move as well as where they are.
///
/// Channels enter as asinh of their robust deviation. A missing value is what the others of the
/// window let expect. A cell without any value is a gap: there is no score until the window is full
/// again.
public struct WindowedComponentsModel: DetectorModel {
  /// The detector's name.
  public static let name = "pca_windowed"

  /// Rows of a window, the current one included.
  public var window: Int
  /// The components by service, of rows of `window` times the channels, the latest first.
  public var components: [String: PrincipalComponents]

  /// Makes a model from its parts.
  ///
  /// - Precondition: `window >= 1`.
  public init(window: Int, components: [String: PrincipalComponents]) {
    precondition(window >= 1, "window of \(window)")
    (self.window, self.components) = (window, components)
  }

  /// Fits the components of each service on the windows that end at its fitted observations;
  /// services without any get no detector.
  ///
  /// - Throws: `BaselineError` when LAPACK gives up.
  public init(
    fitting histories: [ServiceHistory], window: Int,
    _ configuration: ComponentsConfiguration = .init()
  ) throws(BaselineError) {
    self.init(window: window, components: [:])
    for history in histories {
      let rows = history.observations.map { $0.hasData ? $0.compressedChannels : nil }
      // Consecutive cells with data up to and with each.
      var run = 0
      let usable = rows.indices.filter { index in
        run = rows[index] == nil ? 0 : run + 1
        return run >= window && history.isFitted[index]
      }
      components[history.service] = try fitted(usable, configuration) { index in
        (0..<window).flatMap { rows[index - $0] ?? [] }
      }
    }
  }

  /// The name in reports and artifacts.
  public var name: String { Self.name }

  /// A detector at the start of a service's time; nil for a service not seen in training.
  public func detector(for service: String) -> (any Detector)? {
    components[service].map { WindowedComponentsDetector($0, window: window) }
  }
}

private struct WindowedComponentsDetector: ChannelExplaining {
  private var error: ReconstructionError
  private var past: LagWindow

  let explained = ExplainedInputs.channels

  init(_ components: PrincipalComponents, window: Int) {
    error = ReconstructionError(components)
    past = LagWindow(lags: window, columns: components.columns / window)
  }

  mutating func score(_ observation: Observation) -> Float {
    guard advance(observation) else { return .nan }
    return error.score(past.elements[...])
  }

  func remember(in memory: inout DetectorMemory) { past.remember(in: &memory) }

  mutating func recall(from memory: inout DetectorMemory) { past.recall(from: &memory) }

  mutating func explain(_ observation: Observation) -> InputExplanation {
    let channels = past.columns
    guard advance(observation) else {
      return InputExplanation(
        score: .nan, contributions: Array(repeating: .nan, count: channels),
        expected: Array(repeating: nil, count: channels))
    }
    let residuals = error.residuals(past.elements[...])
    let contributions = (0..<channels).map { channel in
      let squares = (0..<past.lags).map { residuals[$0 * channels + channel] }
        .filter { !$0.isNaN }.map { $0 * $0 }
      return squares.isEmpty ? Float.nan : Float(squares.reduce(0, +))
    }
    let expected = (0..<channels).map { channel -> ClosedRange<Double>? in
      guard residuals[channel].isFinite else { return nil }
      let value = sinh(Double(past.elements[channel]) - residuals[channel])
      return value...value
    }
    return InputExplanation(
      score: error.score(past.elements[...]), contributions: contributions, expected: expected)
  }

  /// Takes an observation in; whether the window is full.
  private mutating func advance(_ observation: Observation) -> Bool {
    guard observation.hasData else {
      past.clear()
      return false
    }
    past.push(observation.compressedChannels)
    return past.isFull
  }
}

extension Observation {
  /// The channels as asinh of their robust deviation: small moves linear, large ones logarithmic;
  /// NaN where missing.
  var compressedChannels: [Float] { channels.map { asinhf($0) } }
}
