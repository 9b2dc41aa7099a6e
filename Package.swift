// swift-tools-version: 6.2
import PackageDescription

// Targets are listed from the bottom of the dependency graph to the top; an arrow never points up.
// docs/architecture.md draws the same graph and says why each seam is where it is.

let package = Package(
  name: "autopilotops",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "autopilot", targets: ["autopilot"]),
    .executable(name: "autopilot-scorer", targets: ["autopilot-scorer"]),
    // What the benchmarks call, see benchmarks/Package.swift.
    .library(
      name: "AutoPilotOps",
      targets: [
        "Features", "Ingest", "IsolationForest", "LSTM", "LinearAlgebra", "LogTemplates",
        "Storage", "Telemetry",
      ]),
    // Apart, for it needs nothing of the rest.
    .library(name: "DetectionMetrics", targets: ["DetectionMetrics"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    // Parts of async-http-client that its configuration and errors are made of.
    .package(url: "https://github.com/apple/swift-nio", from: "2.100.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.2"),
    // The scorer's server; without traits it needs neither a configuration package nor all of
    // Foundation.
    .package(
      url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.5.1"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
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
    .systemLibrary(
      name: "CZstd", pkgConfig: "libzstd",
      providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
    .systemLibrary(
      name: "CPCRE2", pkgConfig: "libpcre2-8",
      providers: [.apt(["libpcre2-dev"]), .brew(["pcre2"])]),
    .target(name: "CVectorMath"),
    .target(name: "CTelemetryScan"),
    .target(name: "CForestKernels"),
    .target(name: "CLSTMKernels"),

    // Numbers, bytes and the vocabulary of the domain.
    .target(name: "LinearAlgebra", dependencies: ["COpenBLAS", "CLAPACKE", "CVectorMath"]),
    .target(name: "Diagnostics"),
    .target(name: "Telemetry", dependencies: ["Diagnostics"]),
    .target(
      name: "Storage",
      dependencies: [
        "CPCRE2", "CTelemetryScan", "CZlib", "CZstd", "Diagnostics",
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .target(name: "CSnapshotFile", dependencies: ["CHDF5"]),
    .target(
      name: "DatasetStore",
      dependencies: ["CHDF5", "CSnapshotFile", "Diagnostics", "Storage", "Telemetry"]),

    // From telemetry to feature rows.
    .target(name: "LogTemplates", dependencies: ["Diagnostics", "Storage", "Telemetry"]),
    .target(
      name: "Features",
      dependencies: [
        "CVectorMath", "Diagnostics", "LinearAlgebra", "LogTemplates", "Storage", "Telemetry",
      ]),
    .target(name: "LogRequests", dependencies: ["LogTemplates", "Storage", "Telemetry"]),
    .target(name: "Ingest", dependencies: ["Diagnostics", "LogTemplates", "Storage", "Telemetry"]),
    .target(
      name: "Transport",
      dependencies: [
        "Diagnostics", "LinearAlgebra", "Storage", "Telemetry",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]),
    .target(
      name: "Exporters",
      dependencies: [
        "Diagnostics", "LinearAlgebra", "Storage", "Telemetry", "Transport",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ]),
    .target(
      name: "LiveTelemetry",
      dependencies: [
        "Diagnostics", "Exporters", "Features", "Ingest", "LogTemplates", "Storage", "Telemetry",
        "Transport",
      ]),
    .target(
      name: "Alerting",
      dependencies: [
        "Diagnostics", "Exporters", "Storage", "Telemetry", "Transport", "Verdicts",
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .target(
      name: "Simulation", dependencies: ["Diagnostics", "LinearAlgebra", "Storage", "Telemetry"]),

    // Models.
    .target(
      name: "IsolationForest",
      dependencies: ["CForestKernels", "CVectorMath", "Diagnostics", "LinearAlgebra", "Storage"]),
    .target(
      name: "LSTM",
      dependencies: ["CLSTMKernels", "Diagnostics", "LinearAlgebra", "Storage"]),
    .target(name: "Baselines", dependencies: ["Diagnostics", "LinearAlgebra"]),
    .target(name: "Streaming", dependencies: ["LinearAlgebra", "Telemetry"]),
    .target(name: "ErrorScores", dependencies: ["LinearAlgebra"]),
    .target(
      name: "Detection",
      dependencies: [
        "Baselines", "Diagnostics", "ErrorScores", "Features", "IsolationForest", "LSTM",
        "LinearAlgebra", "Storage", "Telemetry",
      ]),

    // Meaning: scores, honest evaluation, reports, versions.
    .target(
      name: "Scoring",
      dependencies: [
        "Baselines", "Detection", "Diagnostics", "ErrorScores", "Features", "IsolationForest",
        "LSTM", "LinearAlgebra", "Storage", "Telemetry",
      ]),
    .target(name: "DetectionMetrics"),
    .target(
      name: "Evaluation",
      dependencies: [
        "DetectionMetrics", "Diagnostics", "LinearAlgebra", "Storage", "Telemetry",
      ]),
    .target(name: "Report", dependencies: ["Evaluation", "Storage", "Telemetry"]),
    .target(name: "Verdicts", dependencies: ["Diagnostics", "Storage", "Telemetry"]),
    .target(
      name: "Experiments",
      dependencies: [
        "Diagnostics", "Evaluation", "Storage", "Telemetry",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .target(
      name: "Signing",
      dependencies: [
        "Diagnostics", "Storage", .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .target(name: "Registry", dependencies: ["Diagnostics", "Signing", "Storage", "Telemetry"]),
    .target(
      name: "RemoteRegistry",
      dependencies: [
        "Diagnostics", "Registry", "Signing", "Storage", "Telemetry", "Transport",
        .product(name: "Crypto", package: "swift-crypto"),
      ]),

    // What use cases share: configuration files, and models as they lie in artifacts.
    .target(
      name: "Settings",
      dependencies: [
        "Diagnostics", "Registry", "Signing", "Storage", "Telemetry",
        .product(name: "Yams", package: "Yams"),
      ]),
    .target(
      name: "Models",
      dependencies: [
        "Detection", "Diagnostics", "Features", "IsolationForest", "LSTM", "LogTemplates",
        "Registry", "Scoring", "Signing", "Storage", "Telemetry",
      ]),

    // Use cases and the command line.
    .target(
      name: "Pipeline",
      dependencies: [
        "Baselines", "DatasetStore", "Detection", "DetectionMetrics", "Diagnostics", "ErrorScores",
        "Evaluation", "Features", "Ingest", "IsolationForest", "LSTM", "LinearAlgebra",
        "LogTemplates", "Models",
        "Registry", "Report", "Scoring", "Settings", "Signing", "Storage", "Telemetry",
        .product(name: "Yams", package: "Yams"),
      ]),
    .target(
      name: "Gate",
      dependencies: [
        "Diagnostics", "Evaluation", "Pipeline", "Registry", "Report", "Scoring", "Signing",
        "Storage", "Telemetry",
      ]),
    .target(
      name: "Retraining",
      dependencies: [
        "DatasetStore", "Diagnostics", "Gate", "Ingest", "Pipeline", "Registry", "Signing",
        "Storage", "Telemetry",
      ]),
    .target(
      name: "Benchmarking",
      dependencies: [
        "DatasetStore", "DetectionMetrics", "Diagnostics", "Evaluation", "Ingest", "LSTM",
        "LinearAlgebra", "LogRequests", "LogTemplates", "Pipeline", "Scoring", "Storage",
        "Streaming", "Telemetry",
      ]),
    .target(
      name: "Tuning",
      dependencies: [
        "DatasetStore", "Diagnostics", "Evaluation", "Experiments", "IsolationForest", "LSTM",
        "LinearAlgebra", "Pipeline", "Registry", "Report", "Scoring", "Storage", "Telemetry",
      ]),
    .target(
      name: "ScorerService",
      dependencies: [
        "Detection", "Diagnostics", "Features", "LinearAlgebra", "LogTemplates", "Models",
        "Registry", "Scoring", "Settings", "Signing", "Storage", "Telemetry",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ]),
    .target(
      name: "ScorerConnections",
      dependencies: [
        "Alerting", "Diagnostics", "Exporters", "Features", "Ingest", "LiveTelemetry",
        "Scoring", "ScorerService", "Storage", "Telemetry", "Transport",
        .product(name: "Logging", package: "swift-log"),
      ]),
    .executableTarget(
      name: "autopilot-scorer",
      dependencies: [
        "Diagnostics", "RemoteRegistry", "ScorerConnections", "ScorerService", "Storage",
        "Telemetry",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .executableTarget(
      name: "autopilot",
      dependencies: [
        "Benchmarking", "DatasetStore", "Diagnostics", "Evaluation", "Experiments", "Exporters",
        "Features", "Gate", "Ingest", "Pipeline", "Registry", "RemoteRegistry", "Report",
        "Retraining", "Scoring", "Signing", "Simulation", "Storage", "Telemetry", "Transport",
        "Tuning", "Verdicts",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)

#if os(Linux)
  // Tests ask simdjson for another opinion. Its pkg-config file has flags that SwiftPM prohibits.
  package.targets.append(
    .target(
      name: "CJSONOracle", path: "Tests/CJSONOracle",
      cxxSettings: [.define("SIMDJSON_THREADS_ENABLED", to: "1")],
      linkerSettings: [.linkedLibrary("simdjson")]))
  let oracles: [Target.Dependency] = ["CJSONOracle"]
#else
  let oracles: [Target.Dependency] = []
#endif

// Servers and programs that tests talk to.
package.targets.append(
  .target(
    name: "Companions",
    dependencies: [
      "Storage",
      .product(name: "NIOCore", package: "swift-nio"),
      .product(name: "NIOHTTP1", package: "swift-nio"),
      .product(name: "NIOPosix", package: "swift-nio"),
      .product(name: "NIOSSL", package: "swift-nio-ssl"),
    ],
    path: "Tests/Companions"))

/// Every target that has a folder of tests gets a test target of the same name.
let tested: [String: [Target.Dependency]] = [
  "LinearAlgebra": ["LinearAlgebra"],
  "Telemetry": ["Telemetry"],
  "Storage": ["Diagnostics", "Storage"],
  "DatasetStore": ["CHDF5", "DatasetStore", "Diagnostics", "Storage", "Telemetry"],
  "LogTemplates": ["Diagnostics", "LogTemplates", "Storage", "Telemetry"],
  "LogRequests": ["LogRequests", "LogTemplates", "Storage", "Telemetry"],
  "Features": ["Features", "LinearAlgebra", "LogTemplates", "Storage", "Telemetry"],
  "Exporters": [
    "Companions", "Diagnostics", "Exporters", "Ingest", "Storage", "Telemetry", "Transport",
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
  ],
  "LiveTelemetry": [
    "Companions", "Exporters", "Features", "Ingest", "LiveTelemetry", "Storage", "Telemetry",
    "Transport",
  ],
  "ScorerConnections": [
    "Alerting", "Companions", "ScorerConnections", "Storage", "Telemetry", "Verdicts",
  ],
  "Alerting": [
    "Alerting", "Companions", "Exporters", "Storage", "Telemetry", "Transport", "Verdicts",
  ],
  "Ingest": oracles + ["Diagnostics", "Ingest", "LogTemplates", "Storage", "Telemetry"],
  "Streaming": ["LinearAlgebra", "Streaming", "Telemetry"],
  "Benchmarking": [
    "Benchmarking", "Ingest", "LogRequests", "LogTemplates", "Models", "Pipeline", "Storage",
    "Telemetry",
  ],
  "Simulation": ["Diagnostics", "LinearAlgebra", "Simulation", "Storage", "Telemetry"],
  "IsolationForest": [
    "CForestKernels", "Diagnostics", "IsolationForest", "LinearAlgebra", "Storage",
  ],
  "LSTM": ["CLSTMKernels", "Diagnostics", "LSTM", "LinearAlgebra", "Storage"],
  "Baselines": ["Baselines", "Diagnostics", "LinearAlgebra"],
  "ErrorScores": ["ErrorScores", "LinearAlgebra"],
  "Detection": [
    "Baselines", "Detection", "Diagnostics", "ErrorScores", "Features", "IsolationForest", "LSTM",
    "LinearAlgebra", "Telemetry",
  ],
  "Scoring": [
    "Detection", "Diagnostics", "Features", "LSTM", "LinearAlgebra", "Scoring", "Storage",
    "Telemetry",
  ],
  "DetectionMetrics": ["DetectionMetrics"],
  "Evaluation": ["Diagnostics", "Evaluation", "Storage", "Telemetry"],
  "Report": ["Evaluation", "Report", "Storage", "Telemetry"],
  "Experiments": ["Diagnostics", "Evaluation", "Experiments", "Storage", "Telemetry"],
  "Signing": ["Diagnostics", "Signing", "Storage"],
  "Registry": ["Diagnostics", "Registry", "Signing", "Storage", "Telemetry"],
  "RemoteRegistry": [
    "Companions", "Diagnostics", "Registry", "RemoteRegistry", "Signing", "Storage", "Telemetry",
    "Transport",
  ],
  "Pipeline": [
    "DatasetStore", "Diagnostics", "Evaluation", "Features", "Ingest", "IsolationForest", "LSTM",
    "LogTemplates", "Pipeline", "Registry", "Scoring", "Storage", "Telemetry",
  ],
  "Gate": [
    "DatasetStore", "Diagnostics", "Evaluation", "Gate", "Ingest", "IsolationForest", "Pipeline",
    "Registry", "Scoring", "Signing", "Storage", "Telemetry",
  ],
  "ScorerService": [
    "Companions", "DatasetStore", "Detection", "Diagnostics", "Features", "LinearAlgebra",
    "LogTemplates", "Models", "Pipeline", "Registry", "ScorerService", "Scoring", "Settings",
    "Storage", "Telemetry", "Transport",
  ],
  "Verdicts": ["Storage", "Telemetry", "Verdicts"],
  "Tuning": [
    "Diagnostics", "Evaluation", "Experiments", "IsolationForest", "Pipeline", "Storage",
    "Telemetry", "Tuning",
  ],
  "CommandLine": ["Companions", "Storage"],
]
/// Test targets with saved reference data, and with scripts for independent readers.
let withFixtures = [
  "Baselines", "DatasetStore", "DetectionMetrics", "ErrorScores", "Evaluation", "Features",
  "IsolationForest", "LSTM", "LinearAlgebra", "LogRequests", "Pipeline", "Scoring",
]
let withPeers = ["CommandLine", "DatasetStore", "IsolationForest", "LSTM", "Storage"]
for (name, dependencies) in tested.sorted(by: { $0.key < $1.key }) {
  package.targets.append(
    .testTarget(
      name: "\(name)Tests", dependencies: dependencies,
      exclude: (withFixtures.contains(name) ? ["Fixtures"] : [])
        + (withPeers.contains(name) ? ["Peers"] : [])))
}

let writtenInC = [
  "CForestKernels", "CJSONOracle", "CLSTMKernels", "CSnapshotFile", "CTelemetryScan",
  "CVectorMath",
]
for target in package.targets
where target.type != .system && !writtenInC.contains(target.name) {
  target.swiftSettings = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
  ]
}
// The masker holds a span of the line it walks over, which needs its lifetime spelled out.
for target in package.targets where target.name == "LogTemplates" {
  target.swiftSettings?.append(.enableExperimentalFeature("Lifetimes"))
}
