// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nothing here burdens the tool: it is built by the benchmarks only.

let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "autopilotops", path: "..")],
  targets: [
    .target(name: "BenchmarkProcess"),
    .executableTarget(
      name: "ingest-bench",
      dependencies: [
        "BenchmarkProcess", .product(name: "AutoPilotOps", package: "autopilotops"),
      ]),
    .executableTarget(
      name: "forest-bench",
      dependencies: [
        "BenchmarkProcess", .product(name: "AutoPilotOps", package: "autopilotops"),
      ]),
    .executableTarget(
      name: "lstm-bench",
      dependencies: [
        "BenchmarkProcess", .product(name: "AutoPilotOps", package: "autopilotops"),
      ]),
    .executableTarget(
      name: "metrics-bench",
      dependencies: [
        "BenchmarkProcess", .product(name: "DetectionMetrics", package: "autopilotops"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)

for target in package.targets {
  target.swiftSettings = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
  ]
}
