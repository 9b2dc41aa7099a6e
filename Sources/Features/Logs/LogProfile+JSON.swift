internal import Storage

extension LogProfile {
  /// The profile for the artifact; invariants as [first, second, first factor, second factor].
  func json() -> JSONValue {
    [
      "lines": .array(lines.map(JSONValue.integer)),
      "invariants": .array(
        invariants.map { invariant in
          .array(
            [
              invariant.first, invariant.second, invariant.firstFactor, invariant.secondFactor,
            ].map(JSONValue.integer))
        }),
    ]
  }

  /// Reads a profile.
  ///
  /// - Parameter templates: How many templates there are.
  /// - Throws: `StorageError.unexpectedShape` for numbers that cannot be.
  init(json document: JSONDocument, templates: Int) throws {
    let lines = try document["lines"].elements.map { try $0.integer }
    // Sums of counts and their products with factors must not overflow.
    guard lines.count == templates + 1, lines.allSatisfy({ 0...(1 << 40) ~= $0 }) else {
      throw try document["lines"].expected("\(templates + 1) counts")
    }
    let invariants = try document["invariants"].elements.map { element in
      let numbers = try element.elements.map { try $0.integer }
      let factors = 1...CountInvariant.largestFactor
      guard numbers.count == 4, 0 <= numbers[0], numbers[0] < numbers[1], numbers[1] < templates,
        factors.contains(numbers[2]), factors.contains(numbers[3])
      else {
        throw element.expected(
          "two ascending template numbers and two factors up to \(factors.upperBound)")
      }
      return CountInvariant(
        first: numbers[0], second: numbers[1], firstFactor: numbers[2], secondFactor: numbers[3])
    }
    self.init(lines: lines, invariants: invariants)
  }
}
