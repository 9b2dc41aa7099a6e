/// Adds gradients to a sum, or starts it with them.
func add(_ gradients: [Float], to sum: inout [Float], replacing: Bool) {
  let values = gradients.span
  var sum = sum.mutableSpan
  if replacing {
    for index in 0..<values.count { sum[index] = values[index] }
  } else {
    for index in 0..<values.count { sum[index] += values[index] }
  }
}
