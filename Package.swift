// swift-tools-version: 6.2
import PackageDescription

// Targets are listed from the bottom of the dependency graph to the top; an arrow never points up.
// docs/architecture.md draws the same graph and says why each seam is where it is.

let package = Package(
  name: "autopilotops",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "autopilot", targets: ["autopilot"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // C libraries of the system and our own C kernels.
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
    .systemLibrary(
      name: "CLAPACKE", pkgConfig: "lapacke",
      providers: [.apt(["liblapacke-dev"]), .brew(["lapack"])]),
    .systemLibrary(
      name: "CHDF5", pkgConfig: "hdf5",
      providers: [.apt(["libhdf5-dev"]), .brew(["hdf5"])]),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib",
      providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .target(name: "CVectorMath"),

    // Numbers, bytes and the vocabulary of the domain.
    .target(name: "LinearAlgebra", dependencies: ["COpenBLAS", "CLAPACKE", "CVectorMath"]),
    .target(name: "Diagnostics"),
    .target(name: "Telemetry", dependencies: ["Diagnostics"]),
    .target(
      name: "Storage",
      dependencies: ["CZlib", "Diagnostics", .product(name: "Crypto", package: "swift-crypto")]),
    .target(name: "DatasetStore", dependencies: ["CHDF5", "Diagnostics", "Storage", "Telemetry"]),

    // From telemetry to feature rows.
    .target(name: "LogTemplates", dependencies: ["Storage", "Telemetry"]),
    .target(name: "Features", dependencies: ["LogTemplates", "Storage", "Telemetry"]),
    .target(name: "Ingest", dependencies: ["LogTemplates", "Storage", "Telemetry"]),
    .target(name: "Simulation", dependencies: ["LinearAlgebra", "Storage", "Telemetry"]),

    // Models.
    .target(name: "Detection", dependencies: ["LinearAlgebra", "Storage"]),
    .target(name: "IsolationForest", dependencies: ["Detection", "LinearAlgebra", "Storage"]),
    .target(name: "LSTM", dependencies: ["CVectorMath", "Detection", "LinearAlgebra", "Storage"]),
    .target(name: "Baselines", dependencies: ["Detection", "LinearAlgebra"]),

    // Meaning: scores, honest evaluation, reports, versions.
    .target(
      name: "Scoring",
      dependencies: [
        "Baselines", "Detection", "Features", "IsolationForest", "LSTM", "LinearAlgebra", "Storage",
        "Telemetry",
      ]),
    .target(name: "Evaluation", dependencies: ["LinearAlgebra", "Storage", "Telemetry"]),
    .target(name: "Report", dependencies: ["Evaluation", "Storage", "Telemetry"]),
    .target(name: "Registry", dependencies: ["Storage"]),

    // Use cases and the command line.
    .target(
      name: "Pipeline",
      dependencies: [
        "Baselines", "DatasetStore", "Detection", "Evaluation", "Features", "Ingest",
        "IsolationForest", "LSTM", "LinearAlgebra", "LogTemplates", "Registry", "Report", "Scoring",
        "Storage", "Telemetry", .product(name: "Yams", package: "Yams"),
      ]),
    .executableTarget(
      name: "autopilot",
      dependencies: [
        "DatasetStore", "Evaluation", "Ingest", "Pipeline", "Registry", "Report", "Simulation",
        "Storage", "Telemetry",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)

/// Every target that has a folder of tests gets a test target of the same name.
let tested: [String: [Target.Dependency]] = [
  "LinearAlgebra": ["LinearAlgebra"],
  "Telemetry": ["Telemetry"],
  "Storage": ["Storage"],
  "DatasetStore": ["DatasetStore", "Storage", "Telemetry"],
  "LogTemplates": ["LogTemplates", "Telemetry"],
  "Features": ["Features", "LinearAlgebra", "LogTemplates", "Storage", "Telemetry"],
  "Ingest": ["Ingest", "LogTemplates", "Storage", "Telemetry"],
  "Simulation": ["Simulation", "Storage", "Telemetry"],
  "IsolationForest": ["IsolationForest", "LinearAlgebra", "Storage"],
  "LSTM": ["LSTM", "LinearAlgebra", "Storage"],
  "Baselines": ["Baselines", "Detection", "LinearAlgebra"],
  "Scoring": ["Detection", "Features", "LinearAlgebra", "Scoring", "Storage", "Telemetry"],
  "Evaluation": ["Evaluation", "Storage", "Telemetry"],
  "Report": ["Evaluation", "Report", "Storage", "Telemetry"],
  "Registry": ["Registry", "Storage"],
  "Pipeline": ["Pipeline", "DatasetStore", "Evaluation", "Ingest", "Scoring", "Storage", "Telemetry"],
  "CommandLine": ["Storage"],
]
for (name, dependencies) in tested.sorted(by: { $0.key < $1.key }) {
  package.targets.append(
    .testTarget(
      name: "\(name)Tests", dependencies: dependencies,
      exclude: [], resources: []))
}

for target in package.targets where target.type != .system && target.name != "CVectorMath" {
  target.swiftSettings = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
  ]
}
