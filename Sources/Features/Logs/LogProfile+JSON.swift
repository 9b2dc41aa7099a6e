internal import Storage

extension LogProfile {
  /// The profile for the artifact; invariants as [first, second, first factor, second factor],
  /// transitions, where they are known, as [from, to, lines].
  func json() -> JSONValue {
    var members: [String: JSONValue] = [
      "lines": .array(lines.map(JSONValue.integer)),
      "invariants": .array(
        invariants.map { invariant in
          .array(
            [
              invariant.first, invariant.second, invariant.firstFactor, invariant.secondFactor,
            ].map(JSONValue.integer))
        }),
    ]
    members["transitions"] = transitions.map { model in
      .array(model.pairs.map { .array([$0.from, $0.to, $0.lines].map(JSONValue.integer)) })
    }
    return .object(members)
  }

  /// Reads a profile.
  ///
  /// - Parameters:
  ///   - templates: How many templates there are.
  ///   - needsTransitions: Whether the profile has to say what follows what.
  /// - Throws: `StorageError.unexpectedShape` for numbers that cannot be.
  init(json document: JSONDocument, templates: Int, needsTransitions: Bool) throws {
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
    self.init(
      lines: lines, invariants: invariants,
      transitions: needsTransitions
        ? try TransitionModel(json: document["transitions"], templates: templates) : nil)
  }
}

extension TransitionModel {
  /// - Throws: `StorageError.unexpectedShape` for numbers that cannot be.
  fileprivate init(json document: JSONDocument, templates: Int) throws {
    var pairs: [Pair] = []
    var sum = 0
    for element in try document.elements {
      let numbers = try element.elements.map { try $0.integer }
      // Lines of no known template have the number after the last.
      guard numbers.count == 3, 0...templates ~= numbers[0], 0...templates ~= numbers[1],
        1...(1 << 40) ~= numbers[2],
        pairs.last.map({ ($0.from, $0.to) < (numbers[0], numbers[1]) }) ?? true
      else {
        throw element.expected("ascending pairs of template numbers, and a count from 1")
      }
      sum += numbers[2]
      pairs.append(Pair(from: numbers[0], to: numbers[1], lines: numbers[2]))
    }
    guard sum <= 1 << 50 else { throw document.expected("counts that add up to at most 2⁵⁰") }
    self.init(pairs: pairs)
  }
}
