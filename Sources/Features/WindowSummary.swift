/// Statistics of one window of one channel.
struct WindowSummary {
  /// Computes the statistics in the order of `WindowStatistic.allCases`.
  ///
  /// Sums run over the window afresh each time, in a fixed order: no drift accumulates, and a value
  /// depends on the window's content alone.
  ///
  /// - Parameters:
  ///   - window: Oldest first, the current value last; NaN is missing.
  ///   - length: The window's nominal length; `window` is shorter while history is.
  ///   - output: Receives the statistics; all NaN when less than half of `length` is present.
  static func append(_ window: ArraySlice<Float>, length: Int, to output: inout [Float]) {
    var present = 0
    var sum = 0.0
    var positionSum = 0.0
    var minimum = Float.infinity
    var maximum = -Float.infinity
    for (position, value) in window.enumerated() where !value.isNaN {
      present += 1
      sum += Double(value)
      positionSum += Double(position)
      minimum = min(minimum, value)
      maximum = max(maximum, value)
    }
    guard present * 2 >= length, present >= 2 else {
      for _ in WindowStatistic.allCases { output.append(.nan) }
      return
    }
    let mean = sum / Double(present)
    let centre = positionSum / Double(present)
    var squares = 0.0
    var products = 0.0
    var positionSquares = 0.0
    var steps = 0.0
    var stepCount = 0
    var previous = Float.nan
    for (position, value) in window.enumerated() {
      if !value.isNaN {
        let offset = Double(value) - mean
        let distance = Double(position) - centre
        squares += offset * offset
        products += offset * distance
        positionSquares += distance * distance
        if !previous.isNaN {
          steps += Double(abs(value - previous))
          stepCount += 1
        }
      }
      previous = value
    }
    let current = window.last ?? .nan
    output.append(Float(mean))
    output.append(Float((squares / Double(present)).squareRoot()))
    output.append(minimum)
    output.append(maximum)
    output.append(Float(products / positionSquares * Double(length - 1)))
    output.append(current.isNaN ? .nan : Float(Double(current) - mean))
    output.append(stepCount == 0 ? .nan : Float(steps / Double(stepCount)))
  }
}
