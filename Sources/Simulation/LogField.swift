internal import LinearAlgebra

/// The variable parts of log lines.
enum LogField: String {
  /// A time in milliseconds: ordinary, above a second, and at the service's timeout.
  case milliseconds = "ms"
  case slowMilliseconds = "slow"
  case timeoutMilliseconds = "timeout"
  /// Hexadecimal ids of eight digits.
  case id
  case user
  case order
  case product = "sku"
  /// An address of the cluster, and one of a customer.
  case address
  case client
  case port
  case bytes
  /// A small count, and a larger one.
  case count
  case rows
  /// An amount of money.
  case amount
  /// Use of memory, disk and CPU in percent.
  case memoryPercent = "mem"
  case diskPercent = "disk"
  case cpuPercent = "cpu"
  /// A memory address.
  case pointer
  /// A version of the software, which changes with each deploy.
  case version

  /// What the fields of a cell's lines are drawn from.
  struct Context {
    var latency: Double
    var timeout: Double
    var memoryShare: Double
    var diskShare: Double
    var utilisation: Double
    /// Orders placed so far.
    var orders: Int
    var deploys: Int
  }

  /// Draws a value.
  func text(in context: Context, _ generator: inout Philox) -> String {
    switch self {
    case .milliseconds:
      // A ratio of sums of uniform numbers is skewed as times are.
      let skew = (0.3 + generator.uniform() + generator.uniform()) / (0.4 + generator.uniform())
      return "\(max(1, Int(context.latency * 800 * skew)))"
    case .slowMilliseconds: return "\(generator.integer(1001...1100) + generator.integer(0...1400))"
    case .timeoutMilliseconds: return "\(Int(context.timeout * 1000) + generator.integer(0...9))"
    case .id: return hexadecimal(generator.next() >> 32, digits: 8)
    case .user: return "\(generator.integer(10_000...59_999))"
    case .order: return "\(500_000 + context.orders + generator.integer(0...40))"
    case .product: return "SKU-\(generator.integer(1000...9999))"
    case .address: return "10.42.\(generator.integer(0...3)).\(generator.integer(2...250))"
    case .client: return "198.51.100.\(generator.integer(1...254))"
    case .port: return "\(generator.integer(32_768...60_999))"
    case .bytes: return "\(generator.integer(600...48_000))"
    case .count: return "\(generator.integer(1...9))"
    case .rows: return "\(generator.integer(12...480))"
    case .amount: return fixedPoint(generator.integer(499...24_999), decimals: 2)
    case .memoryPercent: return "\(Int(context.memoryShare * 100))"
    case .diskPercent: return "\(Int(context.diskShare * 100))"
    case .cpuPercent: return "\(Int(context.utilisation * 100))"
    case .pointer: return "0xc000" + hexadecimal(generator.next() >> 40, digits: 6)
    case .version: return "2.\(14 + context.deploys / 4).\(context.deploys % 4)"
    }
  }
}

private func hexadecimal(_ value: UInt64, digits: Int) -> String {
  let text = String(value, radix: 16)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}
