/// The shop that is simulated: five services and who calls whom.
///
///     frontend ─┬─ catalog
///               ├─ cart ───────┐
///               └─ checkout ─┬─┘
///                            └─ payment
///
/// Sizes are those of a small web shop: about fifteen page views a second and one order. Callers
/// protect themselves with short budgets and fallbacks (a stale page, an empty basket, an order
/// whose payment is confirmed later), so that an incident shows most where its cause is.
enum Shop {
  static let namespace = "shop"
  /// Page views a second at the geometric mean of day and week.
  static let demand = 14.0
  private static let mebibyte = 1_048_576.0
  private static let gibibyte = 1024 * mebibyte

  /// Every service, callers before the services they call.
  static let services = [frontend, checkout, cart, catalog, payment]

  private static let frontend = Service(
    name: "frontend",
    routes: [
      .init(
        share: 0.665,
        calls: [.init(callee: "catalog", repeats: 2, patience: 0.07, exposure: 0.004)]),
      .init(share: 0.28, calls: [.init(callee: "cart", patience: 0.07, exposure: 0.006)]),
      .init(share: 0.055, calls: [.init(callee: "checkout", patience: 0.7, exposure: 0.05)]),
    ],
    serviceTime: 0.018, dependencyTime: 0.012, taskTime: 0.18, timeout: 0.25, cpuPerRequest: 0.016,
    idleCPU: 0.03,
    cpuLimit: 1.25, memoryBase: 172 * mebibyte, memoryCache: 58 * mebibyte,
    memoryLimit: 384 * mebibyte, failureShare: 0.0012, diskBase: 310 * mebibyte,
    diskGrowth: 1.1 * mebibyte, diskPerRequest: 260, diskCapacity: 2 * gibibyte,
    job: .init(minute: 4 * 60 + 15, minutes: 15, cores: 0.12, scratch: 0), logs: .frontend)

  private static let checkout = Service(
    name: "checkout",
    routes: [
      .init(
        share: 1,
        calls: [
          .init(callee: "cart", patience: 0.1, exposure: 0.01),
          .init(callee: "payment", patience: 0.36, exposure: 0.012),
        ])
    ],
    serviceTime: 0.06, dependencyTime: 0.03, taskTime: 4.5, timeout: 0.5, cpuPerRequest: 0.055,
    idleCPU: 0.02,
    cpuLimit: 0.4, memoryBase: 146 * mebibyte, memoryCache: 36 * mebibyte,
    memoryLimit: 320 * mebibyte, failureShare: 0.003, diskBase: 420 * mebibyte,
    diskGrowth: 3.4 * mebibyte, diskPerRequest: 1900, diskCapacity: 2 * gibibyte,
    job: .init(minute: 2 * 60 + 30, minutes: 20, cores: 0.06, scratch: 70 * mebibyte),
    logs: .checkout)

  private static let cart = Service(
    name: "cart", routes: [],
    serviceTime: 0.014, dependencyTime: 0.003, taskTime: 0.7, timeout: 0.1, cpuPerRequest: 0.017,
    idleCPU: 0.035,
    cpuLimit: 0.5, memoryBase: 352 * mebibyte, memoryCache: 54 * mebibyte,
    memoryLimit: 640 * mebibyte, failureShare: 0.0015, diskBase: 250 * mebibyte,
    diskGrowth: 0.8 * mebibyte, diskPerRequest: 420, diskCapacity: 2 * gibibyte,
    job: .init(minute: 2 * 60, minutes: 20, cores: 0.11, scratch: 0), logs: .cart)

  private static let catalog = Service(
    name: "catalog", routes: [],
    serviceTime: 0.009, dependencyTime: 0.012, taskTime: 0.15, timeout: 0.25, cpuPerRequest: 0.009,
    idleCPU: 0.03,
    cpuLimit: 0.9, memoryBase: 214 * mebibyte, memoryCache: 96 * mebibyte,
    memoryLimit: 512 * mebibyte, failureShare: 0.0008, diskBase: 1180 * mebibyte,
    diskGrowth: 6.5 * mebibyte, diskPerRequest: 190, diskCapacity: 4 * gibibyte,
    job: .init(minute: 3 * 60 + 30, minutes: 25, cores: 0.24, scratch: 260 * mebibyte),
    logs: .catalog)

  private static let payment = Service(
    name: "payment", routes: [],
    serviceTime: 0.035, dependencyTime: 0.19, taskTime: 3.5, timeout: 3, cpuPerRequest: 0.045,
    idleCPU: 0.02,
    cpuLimit: 0.3, memoryBase: 128 * mebibyte, memoryCache: 22 * mebibyte,
    memoryLimit: 256 * mebibyte, failureShare: 0.004, diskBase: 520 * mebibyte,
    diskGrowth: 5.2 * mebibyte, diskPerRequest: 2600, diskCapacity: 2 * gibibyte,
    job: .init(minute: 60, minutes: 30, cores: 0.05, scratch: 40 * mebibyte), logs: .payment)
}
