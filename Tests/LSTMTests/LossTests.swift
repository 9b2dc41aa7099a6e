import LSTM
import Testing

@Suite struct LossTests {
  static let counts = [0, 1, 7, 8, 9, 16, 33]

  @Test(arguments: counts) func `the squared error and its gradient are as defined`(count: Int) {
    let (forecasts, targets) = (numbers(count, seed: 1), numbers(count, seed: 2))
    let weights = numbers(count, within: 3, seed: 3).map { max(0, $0) }
    var gradient = forecasts + [7]
    let loss = squaredError(&gradient, targets: targets, weights: weights, count: count)
    var expected = LossSum()
    for index in 0..<count {
      let error = Double(forecasts[index]) - Double(targets[index])
      let weight = Double(weights[index])
      expected += LossSum(sum: weight * error * error, weight: weight)
      #expect(abs(Double(gradient[index]) - 2 * weight * error) < 1e-6)
    }
    #expect(abs(loss.sum - expected.sum) < 1e-5 && abs(loss.weight - expected.weight) < 1e-9)
    #expect(gradient[count] == 7, "what is beyond the count stays")
  }

  @Test func `the pinball loss and its gradient are as defined`() {
    let quantiles: [Float] = [0.1, 0.5, 0.75]
    let (groups, outputs) = (5, 3)
    let forecasts = numbers(groups * 3 * outputs, seed: 1)
    let targets = numbers(groups * outputs, seed: 2)
    let weights = numbers(groups * outputs, within: 3, seed: 3).map { max(0, $0) }
    var gradient = forecasts
    let loss = pinballLoss(
      &gradient, targets: targets, weights: weights, quantiles: quantiles, groups: groups,
      outputs: outputs)
    var expected = LossSum()
    for index in forecasts.indices {
      let (group, quantile) = (index / 9, Double(quantiles[index / 3 % 3]))
      let value = group * outputs + index % 3
      let (miss, weight) = (
        Double(targets[value]) - Double(forecasts[index]), Double(weights[value])
      )
      expected += LossSum(
        sum: weight * (miss > 0 ? quantile * miss : (quantile - 1) * miss), weight: weight)
      let slope = miss > 0 ? -quantile : 1 - quantile
      #expect(abs(Double(gradient[index]) - weight * slope) < 1e-6)
    }
    #expect(abs(loss.sum - expected.sum) < 1e-9 && abs(loss.weight - expected.weight) < 1e-9)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func `what does not count has no loss and no gradient`(wild: Float) {
    for wildForecast in [true, false] {
      let targets = [wildForecast ? 1 : wild, 2]
      var squared = [wildForecast ? wild : 1, 2.5]
      let error = squaredError(&squared, targets: targets, weights: [0, 1], count: 2)
      #expect(error == LossSum(sum: 0.25, weight: 1) && squared == [0, 1])
      var pinball = [wildForecast ? wild : 1, 2.5]
      let loss = pinballLoss(
        &pinball, targets: targets, weights: [0, 1], quantiles: [0.5], groups: 1, outputs: 2)
      #expect(loss == LossSum(sum: 0.25, weight: 1) && pinball == [0, 0.5])
    }
  }

  @Test func `a forecast that is not a number makes the loss and the gradient none`() {
    var forecasts: [Float] = [.nan]
    let loss = pinballLoss(
      &forecasts, targets: [1], weights: [1], quantiles: [0.5], groups: 1, outputs: 1)
    #expect(loss.sum.isNaN && forecasts[0].isNaN)
  }

  @Test func `a pinball loss at its kink has the gradient of a minimum`() {
    var forecasts: [Float] = [1, 1]
    let loss = pinballLoss(
      &forecasts, targets: [1], weights: [1], quantiles: [0.1, 0.5], groups: 1, outputs: 1)
    #expect(loss == LossSum(sum: 0, weight: 2) && forecasts == [0, 0])
  }

  @Test func `the mean of nothing is zero`() {
    #expect(LossSum().mean == 0)
    #expect(LossSum(sum: 6, weight: 4).mean == 1.5)
  }
}
