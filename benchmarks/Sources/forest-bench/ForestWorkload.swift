internal import BenchmarkProcess
internal import IsolationForest
internal import LinearAlgebra
internal import Storage

/// A forest, its rows and what is done with them.
struct ForestWorkload {
  private static let seed: UInt64 = 1

  private let configuration: IsolationForestConfiguration
  /// The rows of the file.
  private let original: Matrix
  /// What is grown on and scored: those, or as many as asked for.
  private var rows: Matrix
  private var compiled: CompiledForest
  private var scores: [Float] = []

  /// Reads the rows and grows the first forest.
  init(_ arguments: ArraySlice<String>) throws {
    var options: [String: String] = [:]
    var rest = arguments
    while let name = rest.popFirst(), let value = rest.popFirst() { options[name] = value }
    func number(_ name: String) -> Int {
      guard let value = options[name].flatMap({ Int($0) }), value > 0 else {
        fail("\(name) needs a positive number")
      }
      return value
    }
    let columns = number("--columns")
    configuration = IsolationForestConfiguration(
      trees: number("--trees"), subsample: number("--subsample"))
    guard let path = options["--rows"] else { fail("--rows needs a file") }
    let bytes = try FileSystem.readFile(at: path, limit: 1 << 32)
    let elements = (0..<bytes.count / 4).map { place in
      Float(
        bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[place * 4 + $1]) << UInt32(8 * $1) })
    }
    original = Matrix(rows: elements.count / columns, columns: columns, elements: elements)
    rows = original
    compiled = CompiledForest(
      try IsolationForest.fit(rows, configuration: configuration, seed: Self.seed))
  }

  /// Does one command's work and returns its figures.
  mutating func run(_ command: String, _ argument: String) async throws -> [String: Double] {
    switch command {
    case "fit": return try fit()
    case "prepare":
      let forest = compiled.forest
      return timed { compiled = CompiledForest(forest) }
    case "score": return await score(threads: Int(argument) ?? 1)
    case "single": return single(calls: Int(argument) ?? 1)
    case "check": return check(every: Int(argument) ?? 1)
    case "tile":
      let count = Int(argument) ?? original.rows
      rows = original.selecting(rows: (0..<count).lazy.map { [original] in $0 % original.rows })
      return ["rows": Double(rows.rows)]
    case "save":
      var bundle = TensorBundle()
      compiled.forest.encode(into: &bundle, prefix: "forest")
      let file = bundle.safetensors()
      try FileSystem.writeFileAtomically(file, to: argument)
      return ["bytes": Double(file.count)]
    case "dump":
      let bytes = scores.flatMap { score in
        (0..<4).map { UInt8(truncatingIfNeeded: score.bitPattern >> UInt32(8 * $0)) }
      }
      try FileSystem.writeFileAtomically(bytes, to: argument)
      return ["rows": Double(scores.count)]
    default: fail("unknown command '\(command)'")
    }
  }

  private func timed(_ work: () throws -> Void) rethrows -> [String: Double] {
    let before = Clocks.now
    try work()
    let spent = Clocks.now - before
    return ["cpu": spent.cpu, "wall": spent.wall]
  }

  private mutating func fit() throws -> [String: Double] {
    var forest = compiled.forest
    let spent = try timed {
      forest = try IsolationForest.fit(rows, configuration: configuration, seed: Self.seed)
    }
    compiled = CompiledForest(forest)
    return spent
  }

  private mutating func score(threads: Int) async -> [String: Double] {
    let (compiled, rows) = (compiled, rows)
    let before = Clocks.now
    if threads == 1 {
      scores = compiled.scores(rows)
    } else {
      scores = await withTaskGroup(of: (Int, [Float]).self) { group in
        for part in 0..<threads {
          let range = part * rows.rows / threads..<(part + 1) * rows.rows / threads
          group.addTask { (part, compiled.scores(rows, in: range)) }
        }
        var parts = [[Float]](repeating: [], count: threads)
        for await (part, scores) in group { parts[part] = scores }
        return Array(parts.joined())
      }
    }
    let spent = Clocks.now - before
    return ["cpu": spent.cpu, "wall": spent.wall]
  }

  private func single(calls: Int) -> [String: Double] {
    var microseconds: [Double] = []
    var sum: Float = 0
    for call in 0..<calls {
      // Neighbouring calls are about rows far apart.
      let row = rows.row(call * 7_919 % rows.rows)
      let before = Clocks.wallNow
      sum += compiled.score(row)
      microseconds.append((Clocks.wallNow - before) * 1e6)
    }
    microseconds.sort()
    return [
      "p50": microseconds[calls / 2], "p99": microseconds[calls * 99 / 100], "sum": Double(sum),
    ]
  }

  private func check(every stride: Int) -> [String: Double] {
    let chosen = rows.selecting(rows: Swift.stride(from: 0, to: rows.rows, by: stride).map { $0 })
    let (ours, plain) = (compiled.scores(chosen), compiled.forest.scores(chosen))
    let different = zip(ours, plain).count { $0.bitPattern != $1.bitPattern }
    return ["rows": Double(chosen.rows), "different": Double(different)]
  }
}
