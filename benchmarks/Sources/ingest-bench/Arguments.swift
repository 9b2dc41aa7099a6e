internal import BenchmarkProcess

/// The command line.
struct Arguments {
  private(set) var workload: String?
  private(set) var data = "benchmarks/data"
  private(set) var repetitions = 5
  private(set) var waits = false
  private(set) var dump: String?

  init(_ arguments: [String]) {
    var rest = arguments.dropFirst()
    func value(of option: String) -> String {
      guard let value = rest.popFirst() else { fail("\(option) needs a value") }
      return value
    }
    while let argument = rest.popFirst() {
      switch argument {
      case "--data": data = value(of: argument)
      case "--repeat":
        guard let number = Int(value(of: argument)), number > 0 else {
          fail("--repeat needs a positive number")
        }
        repetitions = number
      case "--step": waits = true
      case "--dump": dump = value(of: argument)
      default:
        guard workload == nil, !argument.hasPrefix("-") else { fail("unknown: \(argument)") }
        workload = argument
      }
    }
  }
}
