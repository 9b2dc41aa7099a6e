// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nothing here burdens the tool: it is built by the benchmarks only.

let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "autopilotops", path: "..")],
  targets: [
    .executableTarget(
      name: "ingest-bench",
      dependencies: [.product(name: "AutoPilotOps", package: "autopilotops")],
      swiftSettings: [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .strictMemorySafety(),
      ])
  ],
  swiftLanguageModes: [.v6]
)
