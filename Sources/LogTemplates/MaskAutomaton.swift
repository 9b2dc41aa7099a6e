/// Named rules as one deterministic automaton over bytes, so that a match costs one step a byte.
///
/// Thompson's construction, then the subset construction (Aho, Sethi and Ullman, Compilers, 3.7).
struct MaskAutomaton: Sendable {
  /// States of all rules together; beyond it the rules are refused.
  static let stateLimit = 4096
  /// Positions in the rules that the states stand for, all together; it bounds the time to build.
  private static let sizeLimit = 1 << 18

  /// The next state per state and class of bytes, [states × classes]; 0 is the dead state.
  private let next: [UInt16]
  /// The class of each byte, [256].
  private let classes: [UInt8]
  private let classCount: Int
  /// Per state the rule that it accepts, or -1.
  private let accepts: [Int16]

  /// The rule with the longest match that begins at `start` and ends where a word ends.
  func longestMatch(in bytes: Span<UInt8>, _ start: Int, _ end: Int) -> (rule: Int, stop: Int)? {
    var state = 1
    var index = start
    var found: (rule: Int, stop: Int)?
    while index < end {
      let byte = bytes[index]
      state = Int(next[state * classCount + Int(classes[Int(byte)])])
      if state == 0 { break }
      index += 1
      let rule = accepts[state]
      if rule >= 0 {
        let after = index < end ? bytes[index] : 0x20
        let isInside = isWord(byte) && isWord(after) || after & 0xC0 == 0x80
        if !isAngle(after), !isInside { found = (Int(rule), index) }
      }
    }
    return found
  }

  init(_ rules: [LogMaskRules.Named]) throws(LogTemplateError) {
    var graph = MaskGraph()
    var starts: [Int] = []
    for (number, rule) in rules.enumerated() {
      func refuse(_ reason: String) -> LogTemplateError {
        .invalidMask(name: rule.name, reason: reason)
      }
      let isName = rule.name.utf8.allSatisfy(isNameByte)
      guard isName, (1...32).contains(rule.name.utf8.count) else {
        throw refuse("the name must be 1 to 32 letters, '-' or '_'")
      }
      guard !rules[..<number].contains(where: { $0.name == rule.name }) else {
        throw refuse("the name appears twice; name each rule differently")
      }
      var parser = MaskExpressionParser(rule)
      let tree = try parser.parse()
      guard !tree.matchesNothing else {
        throw refuse("the expression matches the empty text; require at least one character")
      }
      let accept = graph.addState(accepting: number)
      guard let start = graph.add(tree, before: accept) else {
        throw refuse("the expression is too large; lower its repetitions")
      }
      starts.append(start)
    }
    (classes, classCount) = graph.byteClasses()
    var representatives = [UInt8](repeating: 0, count: classCount)
    for byte in UInt8.min...UInt8.max { representatives[Int(classes[Int(byte)])] = byte }

    let first = graph.closure(of: starts)
    var numbers: [[Int]: Int] = [[]: 0, first: 1]
    var sets: [[Int]] = [[], first]
    var table: [UInt16] = []
    var accepts: [Int16] = []
    var size = 0
    var current = 0
    while current < sets.count {
      let set = sets[current]
      accepts.append(Int16(set.compactMap { graph.rule(at: $0) }.min() ?? -1))
      for byte in representatives {
        let target = graph.closure(of: graph.step(from: set, over: byte))
        if numbers[target] == nil {
          size += target.count
          guard sets.count < Self.stateLimit, size < Self.sizeLimit else {
            throw .invalidMask(
              name: rules.map { $0.name }.joined(separator: ", "),
              reason: "the expressions are too large together; simplify them")
          }
          numbers[target] = sets.count
          sets.append(target)
        }
        table.append(UInt16(numbers[target] ?? 0))
      }
      current += 1
    }
    (next, self.accepts) = (table, accepts)
  }
}

/// The nondeterministic automaton that expressions are turned into first.
struct MaskGraph {
  private static let stateLimit = 4096

  private enum State {
    case accept(rule: Int)
    case bytes(ByteSet, next: Int)
    case fork(Int, Int)
    /// A loop's entrance, whose exits are set when its body is known.
    case pending
  }
  private var states: [State] = []

  mutating func addState(accepting rule: Int) -> Int { append(.accept(rule: rule)) }

  private mutating func append(_ state: State) -> Int {
    states.append(state)
    return states.count - 1
  }

  /// Adds an expression in front of a state and returns its entrance; nil when there is no room.
  mutating func add(_ tree: MaskExpression, before next: Int) -> Int? {
    guard states.count < Self.stateLimit else { return nil }
    switch tree {
    case .bytes(let set): return append(.bytes(set, next: next))
    case .sequence(let parts):
      var next = next
      for part in parts.reversed() {
        guard let entrance = add(part, before: next) else { return nil }
        next = entrance
      }
      return next
    case .choice(let options):
      var result: Int?
      for option in options {
        guard let entrance = add(option, before: next) else { return nil }
        result = result.map { append(.fork($0, entrance)) } ?? entrance
      }
      return result
    case .repetition(let body, let least, let most):
      var next = next
      if let most {
        for _ in least..<most {
          guard let entrance = add(body, before: next) else { return nil }
          next = append(.fork(entrance, next))
        }
      } else {
        let loop = append(.pending)
        guard let entrance = add(body, before: loop) else { return nil }
        states[loop] = .fork(entrance, next)
        next = loop
      }
      for _ in 0..<least {
        guard let entrance = add(body, before: next) else { return nil }
        next = entrance
      }
      return next
    }
  }

  func rule(at state: Int) -> Int? {
    if case .accept(let rule) = states[state] { rule } else { nil }
  }

  /// The states reachable without a byte, in ascending order.
  func closure(of starts: [Int]) -> [Int] {
    var seen: Set<Int> = []
    var open = starts
    while let state = open.popLast() {
      guard seen.insert(state).inserted else { continue }
      if case .fork(let a, let b) = states[state] { open += [a, b] }
    }
    return seen.filter { if case .fork = states[$0] { false } else { true } }.sorted()
  }

  func step(from set: [Int], over byte: UInt8) -> [Int] {
    set.compactMap {
      if case .bytes(let bytes, let next) = states[$0], bytes.contains(byte) { next } else { nil }
    }
  }

  /// Bytes that no state tells apart share a class.
  func byteClasses() -> (classes: [UInt8], count: Int) {
    var sets: Set<ByteSet> = []
    for case .bytes(let set, _) in states { sets.insert(set) }
    let ordered = Array(sets)
    var numbers: [[Bool]: UInt8] = [:]
    let classes = (UInt8.min...UInt8.max).map { byte in
      let signature = ordered.map { $0.contains(byte) }
      let number = numbers[signature] ?? UInt8(numbers.count)
      numbers[signature] = number
      return number
    }
    return (classes, numbers.count)
  }
}
